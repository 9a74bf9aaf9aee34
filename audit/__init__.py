"""Audit the DynamoDB tables of AWS accounts by the rule of the policy pack: `python -m audit`.

It has the settings, exemptions, and words of the pack, and its own requirements. The published pack
does not contain it.
"""
