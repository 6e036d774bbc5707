// SPDX-License-Identifier: GPL-3.0-or-later
// The rule language: what a rule becomes, what is refused and where, and in what order rules stand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "decoders/base/option.h"
#include "decoders/packet/events.h"
#include "signatures/rule/rule_set.h"

static struct option_pair addresses[] = { { "HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]" },
	{ "EXTERNAL_NET", "!$HOME_NET" }, { "LOOP", "[$LOOP]" } };
static struct option_pair ports[] = { { "HTTP_PORTS", "80,8080" } };
static struct rule_error last;
static unsigned errors, warnings;

static void on_error(void *context, const struct rule_error *error)
{
	(void)context;
	last = *error;
	if (error->warning)
		warnings++;
	else
		errors++;
}

static struct rule_set *set_new(const char *threshold_file)
{
	static struct option_map address_groups = { addresses, 3 }, port_groups = { ports, 1 };
	struct rule_options options = { .address_groups = &address_groups,
		.port_groups = &port_groups,
		.threshold_file = threshold_file,
		.on_error = on_error,
		.keep_text = true };
	errors = warnings = 0;
	last = (struct rule_error) { 0 };
	struct rule_set *set = rule_set_new(&options);
	assert_non_null(set);
	return set;
}

static struct rule_set *set_of(const char *text)
{
	struct rule_set *set = set_new(NULL);
	if (!rule_set_add(set, text, "t.rules", 7))
		fail_msg("refused: %u:%u %s: %s", last.line, last.column, last.keyword, last.reason);
	assert_true(rule_set_finish(set));
	assert_int_equal(set->count, 1);
	return set;
}

#define TCP(options) "alert tcp any any -> any any (" options " sid:1;)"

// The rule is refused, at keyword, and the reason holds part.
static void refuse(const char *text, const char *keyword, const char *part)
{
	struct rule_set *set = set_new(NULL);
	if (rule_set_add(set, text, "t.rules", 7))
		fail_msg("taken: %s", text);
	assert_string_equal(last.keyword, keyword);
	if (!strstr(last.reason, part))
		fail_msg("%s: reason is \"%s\", expected \"%s\" in it", text, last.reason, part);
	assert_int_equal(last.line, 7);
	assert_string_equal(last.file, "t.rules");
	assert_int_equal(set->failed, 1);
	rule_set_free(set);
}

static bool has(const struct address_set *set, const char *text)
{
	struct address address;
	assert_true(address_parse(text, &address));
	return address_set_has(set, &address);
}

static void header_parts_are_read(void **state)
{
	(void)state;
	struct rule_set *set = set_of("drop udp [10.0.0.0/8,!10.1.0.0/16,fe80::/10] ![1:52,54:1023] <> $EXTERNAL_NET "
				      "$HTTP_PORTS (msg:\"a\\;b\\\"c\"; sid:5; rev:2; gid:3;)");
	const struct rule *rule = set->rules[0];
	assert_int_equal(rule->action, RULE_DROP);
	assert_int_equal(rule->proto_bits, RULE_PROTO_UDP);
	assert_true(rule->flags & RULE_BIDIRECTIONAL);
	assert_true(rule->sid == 5 && rule->rev == 2 && rule->gid == 3);
	assert_string_equal(rule->msg, "a;b\"c");
	assert_true(has(rule->src, "10.0.0.1") && has(rule->src, "10.2.0.0") && has(rule->src, "fe80::1"));
	assert_false(has(rule->src, "10.1.255.255") || has(rule->src, "11.0.0.0") || has(rule->src, "2001::1"));
	assert_true(has(rule->dst, "8.8.8.8") && has(rule->dst, "2001::1"));
	assert_false(has(rule->dst, "192.168.3.4") || has(rule->dst, "172.31.255.255"));
	assert_true(rule->src->negated && rule->dst->negated);
	assert_true(port_set_has(rule->sport, 53) && !port_set_has(rule->sport, 52) && port_set_has(rule->sport, 0) &&
		    !port_set_has(rule->sport, 1) && port_set_has(rule->sport, 1024));
	assert_true(port_set_has(rule->dport, 80) && port_set_has(rule->dport, 8080) && !port_set_has(rule->dport, 81));
	rule_set_free(set);
}

static void address_forms_are_read(void **state)
{
	(void)state;
	struct rule_set *set = set_of("alert ip [1.2.3.4-1.2.3.9,2.0.0.0/255.0.0.0] any -> ::/0 any (sid:1;)");
	const struct rule *rule = set->rules[0];
	assert_true(has(rule->src, "1.2.3.9") && !has(rule->src, "1.2.3.10") && has(rule->src, "2.255.0.1") &&
		    !has(rule->src, "3.0.0.0"));
	assert_true(has(rule->dst, "::1") && has(rule->dst, "ffff::") && !has(rule->dst, "1.2.3.4"));
	rule_set_free(set);
	set = set_of("alert ip any any -> [any,!1.2.3.4] any (sid:1;)");
	assert_true(set->rules[0]->src->any && !set->rules[0]->dst->any);
	assert_true(!has(set->rules[0]->dst, "1.2.3.4") && has(set->rules[0]->dst, "1.2.3.5"));
	rule_set_free(set);
}

static void header_faults_say_where(void **state)
{
	(void)state;
	refuse("alrt tcp any any -> any any (sid:1;)", "", "no action");
	assert_int_equal(last.column, 1);
	refuse("alert tpc any any -> any any (sid:1;)", "", "no protocol");
	assert_int_equal(last.column, 7);
	refuse("alert tcp any any >> any any (sid:1;)", "", "expected ->");
	refuse("alert tcp $NOPE any -> any any (sid:1;)", "", "$NOPE is not defined in vars.address-groups");
	refuse("alert tcp $LOOP any -> any any (sid:1;)", "", "nested");
	refuse("alert tcp any any -> any 70000 (sid:1;)", "", "no port");
	refuse("alert tcp any any -> any 9:1 (sid:1;)", "", "no port");
	refuse("alert tcp 1.2.3.4/33 any -> any any (sid:1;)", "", "prefix length");
	refuse("alert tcp !any any -> any any (sid:1;)", "", "leaves nothing");
	refuse("alert tcp [1.2.3.4,!1.2.3.4] any -> any any (sid:1;)", "", "leaves no address");
	refuse("alert tcp any any -> any any", "", "expected \"(\"");
	refuse("alert tcp any any", "", "ends early");
	refuse("alert tcp any any -> any any (sid:1", "", "expected \")\"");
	refuse("alert tcp any any -> any any (msg:\"x\")", "", "without \";\"");
	refuse(TCP("msg:\"x\"; rev:2; foo:1;"), "foo", "unknown keyword");
	refuse("alert tcp any any -> any any (msg:\"x\";)", "", "needs a sid");
}

static void contents_become_bytes(void **state)
{
	(void)state;
	struct rule_set *set = set_of(TCP("content:\"A|42 43|\\\"\\\\\\;|3a|d\"; nocase; offset:2; depth:20; "
					  "content:!\"x\"; distance:-4; within:9;"));
	const struct rule_buffer *buffer = &set->rules[0]->buffers[0];
	assert_int_equal(set->rules[0]->buffer_count, 1);
	assert_int_equal(buffer->place, PLACE_PAYLOAD);
	assert_int_equal(buffer->match_count, 2);
	const struct match_content *content = &buffer->matches[0].content;
	assert_true(span_is(content->bytes, "abc\"\\;:d"));
	assert_true(content->nocase && content->has_offset && content->has_depth && content->offset.number == 2 &&
		    content->depth.number == 20);
	assert_int_equal(content->offset.var, RULE_NO_VAR);
	content = &buffer->matches[1].content;
	assert_true(buffer->matches[1].negated && content->distance.number == -4 && content->within.number == 9);
	rule_set_free(set);
}

static void content_faults(void **state)
{
	(void)state;
	refuse(TCP("content:\"\";"), "content", "needs an argument");
	refuse(TCP("content:abc;"), "content", "double quotes");
	refuse(TCP("content:\"|4|\";"), "content", "odd number");
	refuse(TCP("content:\"|4g|\";"), "content", "hex");
	refuse(TCP("content:\"|41\";"), "content", "partner");
	refuse(TCP("content:\"a\\b\";"), "content", "backslash");
	refuse(TCP("content:\"abcd\"; depth:3;"), "depth", "never match");
	refuse(TCP("content:\"abcd\"; within:3;"), "within", "never match");
	refuse(TCP("content:\"abcd\"; depth:8; within:8;"), "within", "one content takes one pair");
	refuse(TCP("content:\"abcd\"; startswith; depth:8;"), "depth", "startswith");
	refuse(TCP("nocase;"), "nocase", "content before it");
	refuse(TCP("content:\"a\"; fast_pattern; content:\"b\"; fast_pattern;"), "fast_pattern", "one fast pattern");
	refuse(TCP("content:!\"a\"; offset:3; fast_pattern;"), "fast_pattern", "negated");
	refuse(TCP("content:\"abc\"; fast_pattern:2,2;"), "fast_pattern", "past");
	refuse(TCP("content:\"abc\"; distance:nope;"), "distance", "variable");
	refuse(TCP("dsize:3; content:\"abcd\";"), "dsize", "dsize");
	assert_int_equal(last.column, 31);
	refuse(TCP("content:\"a\"; content:\"b\"; nocase; nocase;"), "nocase", "twice");
}

static void byte_keywords_are_read(void **state)
{
	(void)state;
	struct rule_set *set = set_of(
		TCP("content:\"x\"; byte_extract:2,1,len,relative,little; "
		    "byte_test:4,!>,len,-8,relative,string,hex,bitmask 0xf0; byte_jump:2,3,relative,align,multiplier 2,"
		    "post_offset -3,from_beginning; byte_math:bytes 2, offset 0, oper <<, rvalue len, result twice; "
		    "isdataat:!twice,relative; content:\"y\"; distance:len;"));
	const struct match *m = set->rules[0]->buffers[0].matches;
	assert_int_equal(set->rules[0]->var_count, 2);
	assert_true(m[1].kind == MATCH_BYTE_EXTRACT && m[1].byte.result_var == 0 && m[1].byte.endian == BYTE_LITTLE &&
		    m[1].byte.relative && m[1].byte.multiplier == 1);
	assert_true(m[2].byte.op == OP_GT && m[2].byte.negated_op && m[2].byte.value.var == 0 &&
		    m[2].byte.offset.number == -8 && m[2].byte.base == BYTE_HEX);
	assert_true(m[2].byte.string && m[2].byte.bitmask == 0xf0);
	assert_true(m[3].byte.align && m[3].byte.multiplier == 2 && m[3].byte.post_offset == -3 &&
		    m[3].byte.from_beginning);
	assert_true(m[4].byte.op == MATH_LSHIFT && m[4].byte.result_var == 1 && m[4].byte.value.var == 0);
	assert_true(m[5].kind == MATCH_ISDATAAT && m[5].negated && m[5].isdataat.at.var == 1);
	assert_int_equal(m[6].content.distance.var, 0);
	rule_set_free(set);
	refuse(TCP("byte_test:4,~,1,0;"), "byte_test", "no operator");
	refuse(TCP("byte_test:9,>,1,0;"), "byte_test", "at most 8");
	refuse(TCP("byte_test:4,>,nope,0;"), "byte_test", "variable");
	refuse(TCP("byte_jump:4,0,sideways;"), "byte_jump", "sideways");
	refuse(TCP("byte_math:bytes 2, offset 0, oper +, result x;"), "byte_math", "rvalue");
}

static void pcre_is_compiled(void **state)
{
	(void)state;
	struct rule_set *set =
		set_of(TCP("content:\"x\"; pcre:\"/a\\/(?P<flow_name>b+)\\;/Ris\"; pcre:!\"/q(.)/,flow:other\";"));
	const struct match *m = set->rules[0]->buffers[0].matches;
	assert_true(m[1].kind == MATCH_PCRE && m[1].pcre.code && (m[1].pcre.options & PCRE_RELATIVE) &&
		    (m[1].pcre.options & PCRE_NOCASE));
	assert_string_equal(m[1].pcre.pattern, "a\\/(?P<flow_name>b+)\\;");
	assert_int_equal(m[1].pcre.capture_count, 1);
	assert_true(m[2].negated && m[2].pcre.capture_count == 1);
	assert_string_equal(set->flowvar_names[m[1].pcre.captures[0].var], "name");
	assert_string_equal(set->flowvar_names[m[2].pcre.captures[0].var], "other");
	rule_set_free(set);
	refuse(TCP("pcre:\"/a(/\";"), "pcre", "offset");
	refuse(TCP("pcre:\"/a/q\";"), "pcre", "'q'");
	refuse(TCP("pcre:\"a\";"), "pcre", "expected");
	refuse(TCP("pcre:\"/a/,flow:b\";"), "pcre", "groups");
}

static const struct rule_test *test_of(const struct rule *rule, enum test_kind kind)
{
	for (unsigned i = 0; i < rule->test_count; i++)
		if (rule->tests[i].kind == kind)
			return &rule->tests[i];
	fail_msg("test %d is missing", kind);
	return NULL;
}

static void packet_tests_are_read(void **state)
{
	(void)state;
	struct rule_set *set = set_of(TCP("ttl:<5; id:!7; tcp.flags:SA+,12; fragbits:!DM; window:100; dsize:10<>20; "
					  "ipopts:lsrr; ip_proto:!udp; vlan.id:>=0x10,-1; stream_size:either,<=,9;"
					  " tcpv4-csum:invalid; sameip;"));
	const struct rule *rule = set->rules[0];
	assert_true(test_of(rule, TEST_TTL)->number.op == OP_LT && test_of(rule, TEST_TTL)->number.low == 5);
	assert_true(test_of(rule, TEST_IP_ID)->number.op == OP_NE && test_of(rule, TEST_IP_ID)->number.low == 7);
	const struct rule_test *flags = test_of(rule, TEST_TCP_FLAGS);
	assert_true(flags->flags.set == (TCP_SYN | TCP_ACK) && flags->flags.op == '+' &&
		    flags->flags.ignore == (TCP_CWR | TCP_ECE));
	assert_true(test_of(rule, TEST_FRAGBITS)->bits.bits == 3 && test_of(rule, TEST_FRAGBITS)->bits.op == '!');
	const struct rule_test *dsize = test_of(rule, TEST_DSIZE);
	assert_true(dsize->number.op == OP_RANGE && dsize->number.low == 10 && dsize->number.high == 20);
	const struct rule_test *vlan = test_of(rule, TEST_VLAN_ID);
	assert_true(vlan->vlan.number.op == OP_GE && vlan->vlan.number.low == 16 && vlan->vlan.how == VLAN_LAYER &&
		    vlan->vlan.layer == -1);
	assert_true(test_of(rule, TEST_STREAM_SIZE)->stream_size.side == 3 &&
		    test_of(rule, TEST_STREAM_SIZE)->stream_size.number.op == OP_LE);
	assert_true(test_of(rule, TEST_CSUM)->csum.what == 1 && !test_of(rule, TEST_CSUM)->csum.valid);
	assert_int_equal(rule->type, RULE_TYPE_PACKET);
	rule_set_free(set);
	refuse(TCP("ttl:256;"), "ttl", "fits");
	refuse(TCP("ttl:9-10;"), "ttl", "between");
	refuse(TCP("flags:SX;"), "flags", "letters");
	refuse(TCP("decode-event:no.such;"), "decode-event", "unknown event");
	refuse(TCP("stream_size:left,<,3;"), "stream_size", "left");
}

static void state_keywords_are_read(void **state)
{
	(void)state;
	struct rule_set *set =
		set_of(TCP("flowbits:set,one; flowbits:isset,two|one; flowbits:noalert; flowint:n,+,2; flowint:n,>,m; "
			   "xbits:set,x,track ip_pair,expire 15; hostbits:isset,h,dst;"
			   " threshold:type both, track by_src, count 3, seconds 60; tag:session,5,packets;"));
	const struct rule *rule = set->rules[0];
	assert_true(rule->flags & RULE_NOALERT);
	assert_int_equal(set->flowbit_count, 2);
	const struct rule_test *bits = test_of(rule, TEST_FLOWBITS);
	assert_true(bits->flowbits.op == BIT_ISSET && bits->flowbits.count == 2 &&
		    bits->flowbits.bits[1] == rule->actions[0].flowbits.bits[0]);
	assert_string_equal(set->flowbit_names[bits->flowbits.bits[0]], "two");
	const struct rule_test *number = test_of(rule, TEST_FLOWINT);
	assert_true(number->flowint.op == INT_GT && number->flowint.other != RULE_NO_VAR);
	assert_true(rule->actions[1].kind == TEST_FLOWINT && rule->actions[1].flowint.value == 2);
	assert_true(rule->actions[2].kind == TEST_XBITS && rule->actions[2].xbits.track == 2 &&
		    rule->actions[2].xbits.expire_s == 15);
	assert_int_equal(test_of(rule, TEST_XBITS)->xbits.track, 1);
	assert_int_equal(rule->threshold_count, 1);
	assert_true(rule->thresholds[0].type == THRESHOLD_BOTH && rule->thresholds[0].track == TRACK_SRC &&
		    rule->thresholds[0].count == 3 && rule->thresholds[0].seconds == 60);
	assert_true(rule->tag && rule->tag->count == 5 && rule->tag->metric == 0);
	rule_set_free(set);
	refuse(TCP("flowbits:set,a|b;"), "flowbits", "several");
	refuse(TCP("flowbits:put,a;"), "flowbits", "put");
	refuse(TCP("threshold:type limit, track by_src, count 3;"), "threshold", "seconds");
	refuse(TCP("detection_filter:track by_src, count 3, seconds 2; threshold:type limit, track by_src, count 3, "
		   "seconds 3;"),
		"threshold", "detection_filter");
	refuse(TCP("flow:established,stateless;"), "flow", "contradicts");
	refuse(TCP("flow:to_server; flow:to_client;"), "flow", "one flow");
}

static void what_a_rule_is_for_alerts(void **state)
{
	(void)state;
	struct rule_set *set = set_of(TCP("classtype:trojan-activity; reference:url,example.org/a b; "
					  "reference:cve,2020-1; metadata:a b c, d e , f; target:dest_ip;"));
	const struct rule *rule = set->rules[0];
	assert_string_equal(rule->classtype, "trojan-activity");
	assert_string_equal(rule->category, "A Network Trojan was detected");
	assert_int_equal(rule->priority, 1);
	assert_int_equal(rule->reference_count, 2);
	assert_string_equal(rule->references[0].key, "https://");
	assert_string_equal(rule->references[0].value, "example.org/a b");
	assert_int_equal(rule->metadata_count, 3);
	assert_string_equal(rule->metadata[0].key, "a");
	assert_string_equal(rule->metadata[0].value, "b c");
	assert_string_equal(rule->metadata[1].value, "e");
	assert_true(rule->flags & RULE_TARGET_DST);
	rule_set_free(set);
	set = set_of(TCP("priority:7; classtype:none-such;"));
	assert_int_equal(set->rules[0]->priority, 7);
	assert_string_equal(set->rules[0]->category, "Unknown Classtype");
	assert_int_equal(warnings, 1);
	rule_set_free(set);
	set = set_of("alert http any any -> any any (http.uri; to_lowercase; content:\"aB\"; content:!\"C\"; sid:1;)");
	assert_int_equal(warnings, 1);
	rule_set_free(set);
	set = set_of("alert http any any -> any any (http.uri; to_lowercase; content:\"aB\"; nocase; sid:1;)");
	assert_int_equal(warnings, 0);
	rule_set_free(set);
	set = set_of("alert http any any -> any any (http.uri; strip_whitespace; content:\"a b\"; sid:1;)");
	assert_int_equal(warnings, 1);
	rule_set_free(set);
	refuse(TCP("reference:nope,1;"), "reference", "unknown reference");
	refuse(TCP("sid:2;"), "sid", "given twice");
	refuse(TCP("rev:1; rev:2;"), "rev", "given twice");
	refuse(TCP("gid:1; gid:1;"), "gid", "given twice");
	refuse("alert http any any -> any any (http.cookie; absent; content:\"a\"; sid:1;)", "absent", "never hold");
	refuse("alert http any any -> any any (http.cookie; absent: or_else; sid:1;)", "absent", "needs other");
}

static void kinds_of_rules(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum rule_type type;
		uint64_t flags, not ;
	} cases[] = {
		{ "alert ip any any -> any any (sid:1;)", RULE_TYPE_IP_ONLY, RULE_IP_ONLY | RULE_HAS_PACKET,
			RULE_HAS_STREAM },
		{ "alert tcp any any -> any 80 (flowbits:set,x; threshold:type limit,track by_src,count 1,seconds 1; "
		  "sid:1;)",
			RULE_TYPE_IP_ONLY, RULE_IP_ONLY, 0 },
		{ "alert ip !1.2.3.4 any -> any any (sid:1;)", RULE_TYPE_LIKE_IP_ONLY, 0, RULE_IP_ONLY },
		{ "alert tcp any any -> any any (flowbits:isset,x; sid:1;)", RULE_TYPE_PACKET, RULE_HAS_PACKET,
			RULE_IP_ONLY },
		{ "alert tcp any any -> any any (flow:to_server; sid:1;)", RULE_TYPE_PACKET,
			RULE_HAS_PACKET | RULE_FLOW_TO_SERVER, RULE_IP_ONLY },
		{ TCP("content:\"a\";"), RULE_TYPE_STREAM, RULE_HAS_STREAM, RULE_HAS_PACKET },
		{ TCP("content:\"a\"; offset:1;"), RULE_TYPE_PACKET_STREAM, RULE_HAS_STREAM | RULE_HAS_PACKET, 0 },
		{ TCP("content:\"a\"; startswith;"), RULE_TYPE_PACKET_STREAM, RULE_HAS_STREAM | RULE_HAS_PACKET, 0 },
		{ TCP("content:\"a\"; dsize:>5;"), RULE_TYPE_PACKET, RULE_HAS_PACKET, RULE_HAS_STREAM },
		{ TCP("content:\"a\"; flow:no_stream;"), RULE_TYPE_PACKET, RULE_HAS_PACKET, RULE_HAS_STREAM },
		{ TCP("content:\"a\"; offset:1; flow:only_stream;"), RULE_TYPE_STREAM, RULE_HAS_STREAM,
			RULE_HAS_PACKET },
		{ "alert tcp-pkt any any -> any any (content:\"a\"; sid:1;)", RULE_TYPE_PACKET,
			RULE_HAS_PACKET | RULE_TCP_PACKET_ONLY, RULE_HAS_STREAM },
		{ "alert tcp-stream any any -> any any (content:\"a\"; sid:1;)", RULE_TYPE_STREAM, RULE_HAS_STREAM,
			RULE_HAS_PACKET },
		{ "alert udp any any -> any any (content:\"a\"; sid:1;)", RULE_TYPE_PACKET, RULE_HAS_PACKET,
			RULE_HAS_STREAM },
		{ "alert http any any -> any any (sid:1;)", RULE_TYPE_APP, RULE_APP_PROTO_ONLY, RULE_HAS_TX },
		{ "alert http any any -> any any (content:\"a\"; sid:1;)", RULE_TYPE_STREAM, RULE_HAS_STREAM,
			RULE_HAS_TX },
		{ "alert tcp any any -> any any (app-layer-protocol:http; sid:1;)", RULE_TYPE_PROTO_ONLY, 0,
			RULE_HAS_TX },
		{ "alert pkthdr any any -> any any (decode-event:ipv4.pkt_too_small; sid:1;)", RULE_TYPE_EVENT_ONLY,
			RULE_EVENT_ONLY, 0 },
		{ "pass ip any any -> any any (sid:1;)", RULE_TYPE_IP_ONLY, RULE_NOALERT, 0 },
		{ "pass ip any any -> any any (alert; sid:1;)", RULE_TYPE_IP_ONLY, 0, RULE_NOALERT },
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_set *set = set_of(cases[i].text);
		const struct rule *rule = set->rules[0];
		if (rule->type != cases[i].type || (rule->flags & cases[i].flags) != cases[i].flags ||
			(rule->flags & cases[i].not ))
			fail_msg("%s: type %u, flags %llx", cases[i].text, rule->type, (unsigned long long)rule->flags);
		rule_set_free(set);
	}
}

static void rules_stand_in_order(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"alert tcp any any -> any any (msg:\"8\"; priority:2; sid:1;)",
		"alert tcp any any -> any any (msg:\"7\"; priority:1; sid:2;)",
		"alert tcp any any -> any any (msg:\"6\"; flowbits:isset,a; sid:3;)",
		"alert tcp any any -> any any (msg:\"5\"; flowbits:isset,a; flowbits:set,b; sid:4;)",
		"alert tcp any any -> any any (msg:\"4\"; priority:200; flowbits:set,a; sid:5;)",
		"reject tcp any any -> any any (msg:\"3\"; sid:6;)",
		"drop tcp any any -> any any (msg:\"2\"; sid:7;)",
		"pass tcp any any -> any any (msg:\"1\"; sid:8;)",
		"alert tcp any any -> any any (msg:\"9\"; priority:2; sid:9;)",
	};
	struct rule_set *set = set_new(NULL);
	for (unsigned i = 0; i < 9; i++)
		assert_true(rule_set_add(set, texts[i], "t", i));
	assert_true(rule_set_finish(set));
	for (unsigned i = 0; i < 9; i++) {
		assert_int_equal(set->rules[i]->msg[0], '1' + (int)i);
		assert_int_equal(set->rules[i]->index, i);
	}
	rule_set_free(set);
}

static void the_newest_revision_stays(void **state)
{
	(void)state;
	struct rule_set *set = set_new(NULL);
	assert_true(rule_set_add(set, "alert ip any any -> any any (msg:\"old\"; sid:1; rev:2;)", "t", 1));
	assert_true(rule_set_add(set, "alert ip any any -> any any (msg:\"new\"; sid:1; rev:3;)", "t", 2));
	assert_true(rule_set_add(set, "alert ip any any -> any any (msg:\"again\"; sid:1; rev:3;)", "t", 3));
	assert_true(rule_set_add(set, "alert ip any any -> any any (msg:\"other\"; gid:2; sid:1; rev:1;)", "t", 4));
	assert_true(rule_set_finish(set));
	assert_int_equal(set->count, 2);
	assert_string_equal(set->rules[0]->msg, "new");
	assert_true(errors == 1 && warnings == 1 && set->failed == 1);
	rule_set_free(set);
}

static void rules_for_others_are_skipped(void **state)
{
	(void)state;
	struct rule_set *set = set_new(NULL);
	assert_true(rule_set_add(set, TCP("nonsense:x; requires:version >= 9;"), "t", 1));
	assert_true(rule_set_add(set, TCP("requires:keyword no.such.keyword;"), "t", 1));
	assert_true(rule_set_add(set, TCP("requires:feature no-such-feature;"), "t", 1));
	assert_int_equal(set->skipped, 3);
	assert_true(rule_set_add(set, TCP("requires:version >= 7.0.3 < 9 | < 3, keyword pcre;"), "t", 1));
	assert_int_equal(set->count, 1);
	assert_int_equal(errors, 0);
	rule_set_free(set);
}

static char *file_of(const char *text)
{
	static char path[] = "/tmp/rule_test_XXXXXX";
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void files_join_lines_and_count_them(void **state)
{
	(void)state;
	char *path = file_of(
		"# comment\n\nalert tcp any any -> any any (msg:\"a\"; \\\n   content:\"x\"; \\\r\n  sid:1;)\n\nalert "
		"tcp any any -> any any (bad:1; sid:2;)\nalert tcp any any -> any any (sid:3;)");
	struct rule_set *set = set_new(NULL);
	assert_true(rule_set_load_file(set, path));
	assert_true(rule_set_finish(set));
	assert_true(set->count == 2 && set->failed == 1);
	assert_int_equal(last.line, 7);
	assert_int_equal(last.column, 31);
	assert_int_equal(last.sid, 2);
	assert_int_equal(set->rules[0]->line + set->rules[1]->line, 3 + 8);
	assert_false(rule_set_load_file(set, "/nonexistent"));
	unlink(path);
	rule_set_free(set);
}

// Files are read in parts of 64 KiB: their ends fall into lines, between them and between a backslash and what it continues.
static void files_are_read_in_parts(void **state)
{
	(void)state;
	enum { LINES = 9000 };
	char *text = malloc((size_t)LINES * 120 + 400000), *at = text;
	assert_non_null(text);
	for (unsigned i = 1; i <= LINES; i++)
		at += sprintf(at, "alert tcp any any -> any any (msg:\"%.*s\"; \\%s\n sid:%u;)\n", (int)(1 + i % 23),
			"abcdefghijklmnopqrstuvwxyz", i & 1 ? "\r" : "", i);
	*at++ = '#';
	memset(at, 'x', 300000); // longer than a part
	strcpy(at + 300000, "\nalert tcp any any -> any any (sid:100000;)");
	char *path = file_of(text);
	struct rule_set *set = set_new(NULL);
	assert_true(rule_set_load_file(set, path));
	assert_true(rule_set_finish(set));
	assert_int_equal(set->count, LINES + 1);
	assert_int_equal(set->failed, 0);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct rule *rule = set->rules[i];
		assert_int_equal(rule->line, rule->sid == 100000 ? 2 * LINES + 2 : 2 * rule->sid - 1);
	}
	unlink(path);
	free(text);
	rule_set_free(set);
}

static void thresholds_come_from_a_file(void **state)
{
	(void)state;
	char *path = file_of("# c\nthreshold gen_id 1, sig_id 1, type limit, track by_rule, count 3, \\\n seconds "
			     "1000\nsuppress gen_id 1, sig_id 2, track by_src, ip [10.0.0.0/8,!10.1.1.1]\n"
			     "rate_filter gen_id 0, sig_id 0, track by_dst, count 2, seconds 5, new_action drop, "
			     "timeout 9\nsuppress gen_id 1\nnonsense\n");
	struct rule_set *set = set_new(path);
	unlink(path);
	assert_int_equal(warnings, 1);
	assert_true(rule_set_add(set,
		"alert ip any any -> any any (sid:1; threshold:type both, track by_src, count 1, seconds 1;)", "t", 1));
	assert_true(rule_set_add(set, "alert ip any any -> any any (sid:2;)", "t", 2));
	assert_true(rule_set_finish(set));
	const struct rule *one = set->rules[0], *two = set->rules[1];
	assert_int_equal(one->threshold_count, 2);
	assert_true(one->thresholds[0].type == THRESHOLD_LIMIT && one->thresholds[0].track == TRACK_RULE &&
		    one->thresholds[0].count == 3 && one->thresholds[0].seconds == 1000);
	assert_true(one->thresholds[1].type == THRESHOLD_SUPPRESS && !one->thresholds[1].addresses);
	assert_int_equal(two->threshold_count, 3);
	assert_true(two->thresholds[0].type == THRESHOLD_SUPPRESS && has(two->thresholds[0].addresses, "10.1.1.2") &&
		    !has(two->thresholds[0].addresses, "10.1.1.1"));
	assert_true(two->thresholds[1].type == THRESHOLD_RATE && two->thresholds[1].new_action == RULE_DROP &&
		    two->thresholds[1].timeout_s == 9);
	rule_set_free(set);
}

static void detectors_have_suppress_lines_alone(void **state)
{
	(void)state;
	char *path = file_of("suppress gen_id 1, sig_id 2\nsuppress gen_id 4003, sig_id 14, track by_src, ip 10.1.2.3\n"
			     "threshold gen_id 4001, sig_id 1, type limit, track by_src, count 1, seconds 60\n"
			     "suppress gen_id 0, sig_id 0, track by_dst, ip 10.9.0.0/16\nsuppress gen_id 4001\n");
	struct rule_set *set = set_new(path);
	unlink(path);
	assert_int_equal(warnings, 1);
	assert_true(rule_set_finish(set));
	assert_int_equal(set->suppression_count, 3);
	const struct rule_suppression *lines = set->suppressions;
	assert_true(lines[0].gid == 4003 && lines[0].sid == 14 && has(lines[0].threshold.addresses, "10.1.2.3"));
	assert_true(lines[1].gid == 0 && lines[1].threshold.track == TRACK_DST);
	assert_true(lines[2].gid == 4001 && lines[2].sid == 0 && !lines[2].threshold.addresses);
	rule_set_free(set);
}

static void every_option_length_is_safe(void **state)
{
	(void)state;
	// Every prefix of a rule with much in it is taken or refused, and nothing else happens
	static const char text[] =
		"alert tcp [1.2.3.4,$HOME_NET] ![1:2,$HTTP_PORTS] -> any any (msg:\"a\\;\"; content:\"|41 42|c\"; "
		"nocase; pcre:\"/a(b)/Ri,flow:x\"; byte_test:2,>,3,4,relative; flow:to_server;"
		" flowbits:isset,a|b; threshold:type limit,track by_src,count 1,seconds 2; metadata:a b, c; "
		"reference:url,x; requires:version >= 7; sid:1; rev:2;)";
	struct rule_set *set = set_new(NULL);
	char copy[sizeof(text) + 2];
	for (size_t i = 1; i < sizeof(text); i++) {
		memcpy(copy, text, i);
		copy[i] = 0;
		rule_set_add(set, copy, "t", 1);
		memcpy(copy + i, ")", 2);
		rule_set_add(set, copy, "t", 1);
		memcpy(copy + i, ";)", 3);
		rule_set_add(set, copy, "t", 1);
	}
	assert_true(rule_set_finish(set));
	assert_int_equal(set->count, 1);
	rule_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_parts_are_read),
		cmocka_unit_test(address_forms_are_read),
		cmocka_unit_test(header_faults_say_where),
		cmocka_unit_test(contents_become_bytes),
		cmocka_unit_test(content_faults),
		cmocka_unit_test(byte_keywords_are_read),
		cmocka_unit_test(pcre_is_compiled),
		cmocka_unit_test(packet_tests_are_read),
		cmocka_unit_test(state_keywords_are_read),
		cmocka_unit_test(what_a_rule_is_for_alerts),
		cmocka_unit_test(kinds_of_rules),
		cmocka_unit_test(rules_stand_in_order),
		cmocka_unit_test(the_newest_revision_stays),
		cmocka_unit_test(rules_for_others_are_skipped),
		cmocka_unit_test(files_join_lines_and_count_them),
		cmocka_unit_test(files_are_read_in_parts),
		cmocka_unit_test(thresholds_come_from_a_file),
		cmocka_unit_test(detectors_have_suppress_lines_alone),
		cmocka_unit_test(every_option_length_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
