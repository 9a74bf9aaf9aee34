"""How verdicts reach people: the sentences, the policies' metadata, and the calls to the engine."""
