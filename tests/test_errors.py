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
        ("a key = 5, mail a@b.org", "a key = 5, mail a@b.org"),
        ("results/x: no column 'token=3'", "results/x: no column 'token=3'"),
    ],
)
def test_passwords_and_tokens_are_masked(text, shown):
    assert mask_secrets(text) == shown
