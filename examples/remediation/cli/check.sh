set -eu
region=us-east-1
table=orders

aws dynamodb describe-table \
  --region "$region" \
  --table-name "$table" \
  --query Table.SSEDescription

key=$(aws dynamodb describe-table \
  --region "$region" \
  --table-name "$table" \
  --query Table.SSEDescription.KMSMasterKeyArn \
  --output text)
aws kms describe-key \
  --region "$region" \
  --key-id "$key" \
  --query "KeyMetadata.[KeyManager, KeyState]"
