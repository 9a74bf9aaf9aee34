import com.pulumi.Pulumi;
import com.pulumi.aws.dynamodb.Table;
import com.pulumi.aws.dynamodb.TableArgs;
import com.pulumi.aws.dynamodb.inputs.TableAttributeArgs;
import com.pulumi.aws.dynamodb.inputs.TableServerSideEncryptionArgs;
import com.pulumi.aws.kms.KmsFunctions;
import com.pulumi.aws.kms.inputs.GetAliasArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var alias = KmsFunctions.getAlias(GetAliasArgs.builder()
                .name("alias/orders")
                .build());

            var orders = new Table("orders", TableArgs.builder()
                .attributes(TableAttributeArgs.builder().name("id").type("S").build())
                .hashKey("id")
                .billingMode("PAY_PER_REQUEST")
                .serverSideEncryption(TableServerSideEncryptionArgs.builder()
                    .enabled(true)
                    .kmsKeyArn(alias.applyValue(result -> result.targetKeyArn()))
                    .build())
                .build());
        });
    }
}
