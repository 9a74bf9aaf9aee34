set -eu
region=us-east-1
table=orders

key=$(aws kms create-key \
  --region "$region" \
  --description "Encrypts DynamoDB tables" \
  --policy file://key-policy.json \
  --query KeyMetadata.Arn \
  --output text)
aws kms enable-key-rotation --region "$region" --key-id "$key"
aws kms create-alias \
  --region "$region" \
  --alias-name alias/dynamodb-tables \
  --target-key-id "$key"

aws dynamodb update-table \
  --region "$region" \
  --table-name "$table" \
  --sse-specification "Enabled=true,SSEType=KMS,KMSMasterKeyId=$key" \
  --query TableDescription.SSEDescription
