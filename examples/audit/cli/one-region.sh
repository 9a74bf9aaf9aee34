set -eu
region=us-east-1

aws dynamodb list-tables \
  --region "$region" \
  --query TableNames

aws dynamodb describe-table \
  --region "$region" \
  --table-name orders \
  --query Table.SSEDescription.SSEType

aws dynamodb describe-table \
  --region "$region" \
  --table-name sessions \
  --query Table.SSEDescription.SSEType
