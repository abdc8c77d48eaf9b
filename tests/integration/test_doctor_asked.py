"""doctor about a program that is asked for, and beside a record of the keeper that cannot be read."""

from doctor_host import doctor


def test_beside_a_record_that_cannot_be_read(pair):
    client, _ = pair
    client.write("/var/lib/mptcp-keeper/state.json", "{{{")
    client.ip("mptcp endpoint flush")
    findings, answer = doctor(client)
    assert "NO_ENDPOINT" in findings
    assert any("state.json cannot be understood" in one["reason"] for one in answer["skipped"])
