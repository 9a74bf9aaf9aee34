import * as aws from "@pulumi/aws";

const alias = aws.kms.getAliasOutput({ name: "alias/orders" });

const orders = new aws.dynamodb.Table("orders", {
    attributes: [{ name: "id", type: "S" }],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
    serverSideEncryption: { enabled: true, kmsKeyArn: alias.targetKeyArn },
});
