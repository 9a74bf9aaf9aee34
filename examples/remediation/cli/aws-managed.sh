set -eu
region=us-east-1
table=orders

aws dynamodb update-table \
  --region "$region" \
  --table-name "$table" \
  --sse-specification Enabled=true,SSEType=KMS \
  --query TableDescription.SSEDescription
