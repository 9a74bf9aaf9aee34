import * as aws from "@pulumi/aws";

const key = new aws.kms.Key("orders", {
    description: "Encrypts the orders table",
    enableKeyRotation: true,
});

const orders = new aws.dynamodb.Table("orders", {
    attributes: [{ name: "id", type: "S" }],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
    serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
});
