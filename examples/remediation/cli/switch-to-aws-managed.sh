set -eu
region=us-east-1
table=orders

aws dynamodb update-table \
  --region "$region" \
  --table-name "$table" \
  --sse-specification Enabled=true,SSEType=KMS \
  --query TableDescription.SSEDescription.Status

status=UPDATING
while [ "$status" = UPDATING ]; do
  sleep 5
  status=$(aws dynamodb describe-table \
    --region "$region" \
    --table-name "$table" \
    --query Table.SSEDescription.Status \
    --output text)
done

aws dynamodb describe-table \
  --region "$region" \
  --table-name "$table" \
  --query Table.SSEDescription.KMSMasterKeyArn
