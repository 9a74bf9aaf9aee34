import com.pulumi.Pulumi;
import com.pulumi.aws.dynamodb.Table;
import com.pulumi.aws.dynamodb.TableArgs;
import com.pulumi.aws.dynamodb.inputs.TableAttributeArgs;
import com.pulumi.aws.dynamodb.inputs.TableServerSideEncryptionArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var orders = new Table("orders", TableArgs.builder()
                .attributes(TableAttributeArgs.builder().name("id").type("S").build())
                .hashKey("id")
                .billingMode("PAY_PER_REQUEST")
                .serverSideEncryption(TableServerSideEncryptionArgs.builder()
                    .enabled(true)
                    .build())
                .build());
        });
    }
}
