using Pulumi;
using Aws = Pulumi.Aws;

return await Deployment.RunAsync(() =>
{
    var alias = Aws.Kms.GetAlias.Invoke(new() { Name = "alias/orders" });

    var orders = new Aws.DynamoDB.Table("orders", new()
    {
        Attributes = new[]
        {
            new Aws.DynamoDB.Inputs.TableAttributeArgs { Name = "id", Type = "S" },
        },
        HashKey = "id",
        BillingMode = "PAY_PER_REQUEST",
        ServerSideEncryption = new Aws.DynamoDB.Inputs.TableServerSideEncryptionArgs
        {
            Enabled = true,
            KmsKeyArn = alias.Apply(result => result.TargetKeyArn),
        },
    });
});
