"""Run the audit: `python -m audit`."""

from audit.commands import main

if __name__ == "__main__":
    main(prog_name="python -m audit")
