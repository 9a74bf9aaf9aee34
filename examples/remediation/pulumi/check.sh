set -eu

pulumi refresh --yes
pulumi policy analyze --policy-pack ../dynamodb-kms-encryption
