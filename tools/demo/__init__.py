"""Demonstrations of the pack on the real `pulumi`, without an AWS account or Pulumi Cloud."""
