package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v7/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v7/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		alias, err := kms.LookupAlias(ctx, &kms.LookupAliasArgs{Name: "alias/orders"})
		if err != nil {
			return err
		}
		_, err = dynamodb.NewTable(ctx, "orders", &dynamodb.TableArgs{
			Attributes: dynamodb.TableAttributeArray{
				&dynamodb.TableAttributeArgs{Name: pulumi.String("id"), Type: pulumi.String("S")},
			},
			HashKey:     pulumi.String("id"),
			BillingMode: pulumi.String("PAY_PER_REQUEST"),
			ServerSideEncryption: &dynamodb.TableServerSideEncryptionArgs{
				Enabled:   pulumi.Bool(true),
				KmsKeyArn: pulumi.String(alias.TargetKeyArn),
			},
		})
		return err
	})
}
