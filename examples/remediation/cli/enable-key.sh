set -eu
region=us-east-1
table=orders

key=$(aws dynamodb describe-table \
  --region "$region" \
  --table-name "$table" \
  --query Table.SSEDescription.KMSMasterKeyArn \
  --output text)
state=$(aws kms describe-key \
  --region "$region" \
  --key-id "$key" \
  --query KeyMetadata.KeyState \
  --output text)
if [ "$state" = PendingDeletion ]; then
  aws kms cancel-key-deletion --region "$region" --key-id "$key"
fi
aws kms enable-key --region "$region" --key-id "$key"

aws dynamodb describe-table \
  --region "$region" \
  --table-name "$table" \
  --query Table.TableStatus
