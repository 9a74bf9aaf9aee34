set -eu

regions=$(aws ec2 describe-regions --region us-east-1 --query "Regions[].RegionName" --output text)
for region in $regions; do
  tables=$(aws dynamodb list-tables --region "$region" --query TableNames --output text)
  for table in $tables; do
    type=$(aws dynamodb describe-table \
      --region "$region" \
      --table-name "$table" \
      --query Table.SSEDescription.SSEType \
      --output text)
    echo "$region $table $type"
  done
done
