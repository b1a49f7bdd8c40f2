"""Messages hold no secrets."""

import pytest

from radpipe.errors import mask_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pa55@host/x failed", "https://***@host/x failed"),
        ("postgresql://user@host", "postgresql://***@host"),
        ("s3://b/k?X-Amz-Signature=abc&x=1", "s3://b/k?X-Amz-Signature=***&x=1"),
        ("https://h/p?token=abc", "https://h/p?token=***"),
        ("https://h/p?a=1&api_key=abc;password=q", "https://h/p?a=1&api_key=***;password=***"),
        ("Authorization: Bearer abcdefghij", "Authorization: Bearer ***"),
        ("https://me:p@55@host/x failed", "https://***@host/x failed"),
        ("https://me:p/5@host/x failed", "https://***@host/x failed"),
        ("https://me:my own word@host/x failed", "https://***@host/x failed"),
        ("'https://me:p@ss@host': refused", "'https://***@host': refused"),
        ("http://host:5000/x, ask admin@h.org", "http://host:5000/x, ask admin@h.org"),
        ("http://localhost:5000: refused, ask a@h.org", "http://localhost:5000: refused, ask a@h.org"),
        ("https://h/p?auth=abc&code=d", "https://h/p?auth=***&code=***"),
        ("https://h/p?sv=1&sas=abc", "https://h/p?sv=1&sas=***"),
        ("password: hunter2", "password: ***"),
        ("MLFLOW_TRACKING_PASSWORD=hunter2 is wrong", "MLFLOW_TRACKING_PASSWORD=*** is wrong"),
        ("{'aws_secret_access_key': 'ab c'}", "{'aws_secret_access_key': ***}"),
        ("Error tokenizing data: 3 fields", "Error tokenizing data: 3 fields"),
        ("http://user:pa@ss/w@host down", "http://***@host down"),
        ("passphrase=abc private_key: d AccountKey=e;x", "passphrase=*** private_key: *** AccountKey=***;x"),
        ("Authorization: Token abcdefghij", "Authorization: Token ***"),
        ("odbc?odbc_connect=DSN%3Bpwd%3Dhunter2", "odbc?odbc_connect=***"),
        ("a key = 5, mail a@b.org", "a key = 5, mail a@b.org"),
        ("results/x: no column 'token=3'", "results/x: no column 'token=3'"),
    ],
)
def test_passwords_and_tokens_are_masked(text, shown):
    assert mask_secrets(text) == shown
