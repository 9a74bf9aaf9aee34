"""The stand-in ``pulumi-resource-aws``: a few AWS resource types, as the real provider does them.

The real provider (a Terraform provider behind Pulumi's bridge) isn't needed to see what a policy
says: what counts is which values a preview knows, and what is in the state afterwards. Both follow
internal/service/dynamodb/table.go of terraform-provider-aws, and the bridge. Everything that is
created, changed or deleted goes through boto3 to the account that AWS_ENDPOINT_URL names.
"""
