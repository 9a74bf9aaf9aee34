"""Tables, keys, and the rule that judges them. It knows AWS and no Pulumi type."""
