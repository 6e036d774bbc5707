// SPDX-License-Identifier: GPL-3.0-or-later
// Settings of the packet decoder.
#include "decoders/packet/decoder.h"

#define ROW(name, kind, member, value, text)                                                                  \
	{                                                                                                     \
		.key = name, .type = kind, .offset = offsetof(struct packet_config, member), .preset = value, \
		.change = CHANGE_RESTART, .help = text                                                        \
	}
#define BOUNDED(name, kind, member, value, low, high, text)                                                   \
	{                                                                                                     \
		.key = name, .type = kind, .offset = offsetof(struct packet_config, member), .preset = value, \
		.min = low, .max = high, .change = CHANGE_RESTART, .help = text                               \
	}

static const struct option_choice checksum_modes[] = {
	{ "auto", CHECKSUM_AUTO },
	{ "yes", CHECKSUM_ALL },
	{ "no", CHECKSUM_NONE },
	{ NULL, 0 },
};

const struct option packet_options[] = {
	{ .key = "pcap-file.checksum-checks",
		.type = OPTION_CHOICE,
		.offset = offsetof(struct packet_config, checksum_mode),
		.preset = "auto",
		.choices = checksum_modes,
		.change = CHANGE_RESTART,
		.help = "Verify checksums: yes, no, or auto (not where more than a tenth of the first thousand are "
			"wrong; a file is looked at for that before it is read). Live captures too. What is wrong is "
			"not "
			"read further." },
	ROW("decoder.vxlan.enabled", OPTION_BOOL, vxlan_enabled, "yes", "Look into VXLAN tunnels."),
	ROW("decoder.vxlan.ports", OPTION_STRING, vxlan_ports, "4789",
		"UDP destination ports of VXLAN, as 4789 or [4789, 8472]."),
	ROW("decoder.geneve.enabled", OPTION_BOOL, geneve_enabled, "yes", "Look into Geneve tunnels."),
	ROW("decoder.geneve.ports", OPTION_STRING, geneve_ports, "6081", "UDP ports of Geneve."),
	ROW("decoder.teredo.enabled", OPTION_BOOL, teredo_enabled, "yes", "Look into Teredo tunnels (IPv6 over UDP)."),
	ROW("decoder.teredo.ports", OPTION_STRING, teredo_ports, "3544", "UDP ports of Teredo, or any."),
	ROW("decoder.erspan.typeI.enabled", OPTION_BOOL, erspan_type1_enabled, "no",
		"Look into ERSPAN type I, which GRE does not tell from type II without sequence."),
	ROW("decoder.vntag.enabled", OPTION_BOOL, vntag_enabled, "no", "Look behind VN-Tags (802.1Qbh)."),
	ROW("decoder.gtpu.enabled", OPTION_BOOL, gtp_enabled, "yes", "Look into GTP-U tunnels (UDP port 2152)."),
	ROW("decoder.offloaded-segments", OPTION_BOOL, offloaded_segments, "no",
		"Take TCP segments with an IP length of zero that are larger than the smallest MTU (1,280 bytes): "
		"captured on the sending host, before its card cut them up. no: they are malformed, as for Suricata, "
		"and what they brought is a "
		"gap."),
	BOUNDED("defrag.memcap", OPTION_SIZE, defrag_memcap_bytes, "32 MiB", 1u << 20, UINT64_C(1) << 36,
		"Memory for fragments that wait for the rest, bytes a worker."),
	BOUNDED("defrag.timeout", OPTION_SECONDS, defrag_timeout_s, "60", 1, 3600,
		"A datagram that got no fragment for so many seconds is given up."),
	BOUNDED("defrag.trackers", OPTION_UINT, defrag_max_trackers, "65535", 1, 1u << 24,
		"Datagrams that can wait for fragments at a time, a worker."),
	BOUNDED("defrag.max-frags", OPTION_UINT, defrag_max_fragments, "65535", 1, 1u << 24,
		"Fragments of all datagrams that can wait at a time, a worker."),
	ROW("host-os-policy.*", OPTION_MAP, host_os_policy, NULL,
		"Which hosts run which system (linux, windows, bsd, ...): decides which of two overlapping fragments "
		"counts."),
	{ .key = NULL },
};
