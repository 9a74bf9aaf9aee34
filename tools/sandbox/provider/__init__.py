"""The stand-in provider `pulumi-resource-aws` with a few AWS resource types.

It imitates the real provider, a bridged Terraform provider, in what a policy sees: the values that
a preview knows, and the state after an update. It creates, updates and deletes resources with boto3
in the account at AWS_ENDPOINT_URL. Left out: all other resource types and functions, and schemas.

Source: internal/service of terraform-provider-aws, and pkg/tfbridge of pulumi-terraform-bridge.
"""
