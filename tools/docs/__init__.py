"""The project's documents, and the command that draws their picture."""
