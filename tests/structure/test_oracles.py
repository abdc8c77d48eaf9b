# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's oracles understand the output of the tools of every supported release. The lines are captured ones."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
from oracles import is_kernel_write  # noqa: E402

CALL = ("sendmsg(4<NETLINK:[GENERIC:22]>, {{msg_name={{sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}}, msg_namelen=12, "
        "msg_iov=[{{iov_base=[{{nlmsg_len=48, nlmsg_type={}, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1795758204, "
        "nlmsg_pid=0}}, {}], iov_len=48}}], msg_iovlen=1, msg_controllen=0, msg_flags=0}}, 0) = 48")
READS = [("nlctrl", r'"\x03\x00\x00\x00\x0d\x00\x02\x00\x6d\x70\x74\x63\x70\x5f\x70\x6d\x00\x00\x00\x00"'),
         ("nlctrl", r'{cmd=CTRL_CMD_GETFAMILY, version=0}, [{nla_len=13, nla_type=CTRL_ATTR_FAMILY_NAME}, "\x6d"...]'),
         ("mptcp_pm", r'"\x06\x01\x00\x00"'), ("mptcp_pm", "{cmd=0x6, version=1}"), ("mptcp_pm", "{cmd=0x3, version=1}")]
WRITES = [("mptcp_pm", r'"\x01\x01\x00\x00\x1c\x00\x01\x80"'), ("mptcp_pm", "{cmd=0x1, version=1}, [{nla_len=28}]"),
          ("mptcp_pm", "{cmd=0x5, version=1}"), ("mptcp_pm", "{cmd=MPTCP_PM_CMD_FLUSH_ADDRS, version=1}"),
          ("nlctrl", "{cmd=0x6, version=1}"), ("mptcp_pm", "something that strace does not decode")]


@pytest.mark.parametrize("family, head", READS)
def test_a_query_of_the_kernel_is_not_a_write(family, head):
    assert not is_kernel_write(CALL.format(family, head))


@pytest.mark.parametrize("family, head", WRITES)
def test_a_change_of_the_kernel_is_a_write(family, head):
    assert is_kernel_write(CALL.format(family, head))


def test_a_change_among_queries_is_a_write():
    assert is_kernel_write(CALL.format("mptcp_pm", '{cmd=0x3, version=1}], iov_len=20}, {iov_base=[{nlmsg_len=20, '
                                       'nlmsg_type=mptcp_pm, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=7, nlmsg_pid=0}, '
                                       '{cmd=0x2, version=1}'))
