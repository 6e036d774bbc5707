// SPDX-License-Identifier: GPL-3.0-or-later
// Group: which rules a packet, an address or a transaction must be tested against.
//
// Life cycle   groups_build once a generation; const afterwards
// Memory       the generation's region
#pragma once
#include "signatures/engine/prefilter.h"

#define PACKET_CLASSES 7 // by bit of enum rule_proto_bit

// A rule without a literal: its masks beside it, so that most are passed over without a look at the plan.
struct listed_rule {
	uint32_t rule, need, refuse;
	uint16_t size_min, size_max;
};

struct rule_list {
	uint32_t count;
	const struct listed_rule *rules;
};

// Lists by port; numbers index lists. NULL: no rule asks for a port.
struct port_lists {
	uint16_t *by_port; // 65536
	struct rule_list *lists;
	uint32_t count;
};

#define HEAD_BYTES 64 // of a payload: literals that must end in them are looked for there alone

// Literals in payload, sorted by where and when they can match, so that most bytes meet few of them. NULL: none.
struct payload_filter {
	const struct prefilter *whole;
	const struct prefilter *head;  // end within HEAD_BYTES
	const struct prefilter *early; // only while the server has hardly sent anything (stream_size:server,<,n)
	struct port_filter {
		struct port_lists ports;
		const struct prefilter **prefilters; // by list
	} dports, sports;                            // of rules with few ports
};

struct packet_group {
	struct payload_filter packet, stream;
	struct {
		uint16_t key;
		const struct prefilter *prefilter;
	} * fields; // literals in fields of the packet
	uint32_t field_count;
	struct rule_list always, events; // events: rules that ask for decode or stream events
	struct port_lists dports, sports;
};

// What is run over a transaction from a progress on: one database over one buffer, or rules without a literal.
struct tx_engine {
	uint8_t progress;
	uint16_t key;
	bool events;                       // rules on application events: run whenever there is one
	const struct prefilter *prefilter; // NULL: rules
	const uint32_t *rules;
	uint32_t count;
};

struct tx_group {
	const struct tx_engine *engines; // by progress
	uint32_t count;
	bool some; // some rule can match here, with or without an engine of its own
};

// What is run over a frame of one type: a database under its transforms, or rules without a literal.
struct frame_engine {
	uint8_t type;
	uint16_t key;
	const struct prefilter *prefilter; // NULL: rules
	const uint32_t *rules;
	uint32_t count;
};

#define FRAME_TYPE_BIT(type) (UINT64_C(1) << ((type) < 63 ? (type) : 63))

struct frame_group {
	uint64_t types; // FRAME_TYPE_BIT of those some rule asks for
	struct frame_engine *engines;
	uint32_t count;
};

// Rules on addresses alone: stretches of addresses, each with the rules that name it on that side.
struct address_lists {
	struct address *starts; // sorted; stretch i ends before starts[i + 1]
	struct rule_list *lists;
	uint32_t count;
};

struct groups {
	struct packet_group packets[PACKET_CLASSES][2];
	struct tx_group txs[APP_PROTOS_END][2];
	struct frame_group frames[APP_PROTOS_END][2];
	struct address_lists by_src, by_dst;
	struct rule_list address_always;
	bool asks_app; // some rule asks for news of protocol detection
	uint32_t group_count, without_pattern;
};

#define EARLY_BYTES 16 // sent by the server at most

// group_payload.c: the filter of those of rules that have literals in payload.
bool payload_filter_build(struct payload_filter *filter, struct prefilter_store *store, struct region *region,
	const struct plan_set *plans, const uint32_t *rules, uint32_t count, bool to_server);

// group_frame.c; picked: room for all rules.
bool frame_group_build(struct frame_group *group, struct prefilter_store *store, struct region *region,
	const struct plan_set *plans, uint32_t *picked, enum app_proto proto, enum direction direction);

bool groups_build(
	struct groups *groups, struct prefilter_store *store, struct region *region, const struct plan_set *plans);
// Rules on addresses alone that may match addr on a side.
const struct rule_list *address_lists_find(const struct address_lists *lists, const struct address *address);
bool address_lists_build(struct address_lists *lists, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count, bool src);
bool port_lists_build(struct port_lists *lists, struct region *region, const struct plan_set *plans,
	const uint32_t *rules, uint32_t count, bool src);
struct rule_list rule_list_make(
	struct region *region, const struct plan_set *plans, const uint32_t *rules, uint32_t count);
