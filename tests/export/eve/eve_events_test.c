// SPDX-License-Identifier: GPL-3.0-or-later
// Events of packets and flows made by hand, compared whole.
#include "decoders/app/app_layer.h"
#include "decoders/base/clock.h"
#include "export/eve/eve.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TS UINT64_C(1787446923123456789)

static struct eve_config config;
static struct eve_writer *writer;
static struct record *record;
static struct json json;
static struct flow flow;
static struct packet packets[2];
static struct rule rule;

static struct address address_of(const char *text)
{
	struct address address;
	assert_true(address_parse(text, &address));
	return address;
}

static void make_writer(void)
{
	static struct address_range inside;
	static struct address_set home = { .count = 1, .ranges = &inside };
	inside = (struct address_range) { address_of("10.0.0.0"), address_of("10.255.255.255") };
	writer = eve_writer_new(&config, &home, NULL);
	assert_non_null(writer);
}

static int setup(void **state)
{
	(void)state;
	static const uint8_t ether[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0 };
	static const uint8_t payload[] = "a\0b";
	config = (struct eve_config) { .alert = true,
		.anomaly = true,
		.anomaly_decode = true,
		.anomaly_stream = true,
		.anomaly_applayer = true,
		.arp = true,
		.drop = true,
		.flow = true,
		.netflow = true,
		.stats = true,
		.app = true,
		.payload_buffer_bytes = 64 };
	record = calloc(1, sizeof(*record) + RECORD_LINE_MAX);
	json_begin(&json, record->line, RECORD_LINE_MAX);
	flow = (struct flow) {
		.id = 77, .first_ns = TS - 3 * NS_PER_S, .last_ns = TS, .packets = { 3, 2 }, .bytes = { 300, 200 }
	};
	flow.key = (struct flow_key) { .src = address_of("10.0.0.1"),
		.dst = address_of("192.0.2.9"),
		.sport = 1024,
		.dport = 53,
		.proto = PROTO_UDP,
		.ip_version = 4 };
	memset(packets, 0, sizeof(packets));
	packets[0] = (struct packet) { .number = 5,
		.ts_ns = TS,
		.linktype = LINK_ETHERNET,
		.flags = PACKET_ETHERNET,
		.ether = ether,
		.ip_version = 4,
		.proto = PROTO_UDP,
		.src = address_of("10.0.0.1"),
		.dst = address_of("192.0.2.9"),
		.sport = 1024,
		.dport = 53,
		.l4 = payload,
		.frame = span_of(payload, 3),
		.payload = span_of(payload, 3),
		.flow = &flow };
	rule = (struct rule) { .sid = 9, .gid = 1, .rev = 2, .priority = 3, .msg = "found \"it\"", .category = "Misc" };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eve_writer_free(writer);
	writer = NULL;
	free(record);
	return 0;
}

static void expect(const char *line)
{
	size_t len = json_end(&json);
	assert_true(len > 1);
	record->line[len - 1] = 0;
	assert_string_equal(record->line, line);
}

#define STAMP "{\"timestamp\":\"2026-08-23T01:02:03.123456+0000\","
#define CLIENT                                                                                                         \
	"\"src_ip\":\"10.0.0.1\",\"src_port\":1024,\"dest_ip\":\"192.0.2.9\",\"dest_port\":53,\"proto\":\"UDP\",\"ip_" \
	"v\":4,"
#define SERVER                                                                                                         \
	"\"src_ip\":\"192.0.2.9\",\"src_port\":53,\"dest_ip\":\"10.0.0.1\",\"dest_port\":1024,\"proto\":\"UDP\",\"ip_" \
	"v\":4"

static void a_flow_is_told_from_its_client(void **state)
{
	(void)state;
	make_writer();
	flow.flags = FLOW_ALERTED | FLOW_DROPPED | FLOW_ELEPHANT_TC;
	flow.state = FLOW_ESTABLISHED;
	flow.end_reason = FLOW_END_TIMEOUT;
	flow.app.proto = APP_DNS;
	flow.app.proto_dir[TO_SERVER] = APP_DNS;
	flow.app.proto_dir[TO_CLIENT] = APP_FAILED;
	flow.app.tx_count = 2;
	flow.vlan_count = 2;
	flow.vlan[0] = 1;
	flow.vlan[1] = 10;
	assert_true(eve_flow(writer, &json, record, &flow, false, TS));
	assert_int_equal(record->type, RECORD_FLOW);
	assert_string_equal(record->app_type, "flow");
	assert_true(record->has_host && address_equal(&record->host, &flow.key.src));
	expect(STAMP "\"flow_id\":77,\"event_type\":\"flow\",\"vlan\":[1,10]," CLIENT
		     "\"app_proto\":\"dns\",\"app_proto_tc\":\"failed\","
		     "\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":2,\"bytes_toserver\":300,\"bytes_toclient\":200,"
		     "\"start\":\"2026-08-23T01:02:00.123456+0000\",\"end\":\"2026-08-23T01:02:03.123456+0000\","
		     "\"age\":3,\"state\":\"established\","
		     "\"reason\":\"timeout\",\"alerted\":true,\"action\":\"drop\",\"tx_cnt\":2,\"elephant\":true}}");
}

static void netflow_has_a_record_each_way(void **state)
{
	(void)state;
	make_writer();
	flow.min_ttl[TO_CLIENT] = 60;
	flow.max_ttl[TO_CLIENT] = 64;
	assert_true(eve_netflow(writer, &json, record, &flow, TO_CLIENT));
	expect(STAMP "\"flow_id\":77,\"event_type\":\"netflow\"," SERVER ",\"netflow\":{\"pkts\":2,\"bytes\":200,"
		     "\"start\":\"2026-08-23T01:02:00.123456+0000\",\"end\":\"2026-08-23T01:02:03.123456+0000\","
		     "\"age\":3,\"min_ttl\":60,\"max_ttl\":64}}");
	flow.packets[TO_SERVER] = 0;
	assert_false(eve_netflow(writer, &json, record, &flow, TO_SERVER));
}

static void an_alert_answers_in_full(void **state)
{
	(void)state;
	static struct rule_pair metadata[] = { { "tag", "a" }, { "policy", "p" }, { "tag", "b" } },
				references[] = { { "https://r/", "1" } };
	const struct verdict verdict = { .reject_dst = true };
	struct finding finding = { .rule = &rule, .action = RULE_ALERT, .where = FOUND_PACKET };
	config.ethernet = config.alert_metadata = config.alert_payload = config.alert_payload_printable =
		config.alert_packet = true;
	config.simulate_ips = config.community_id = true;
	config.sensor_name = (char *)(uintptr_t) "edge";
	make_writer();
	rule.metadata = metadata;
	rule.metadata_count = 3;
	rule.references = references;
	rule.reference_count = 1;
	rule.flags = RULE_TARGET_SRC;
	assert_true(eve_alert(writer, &json, record, &packets[0], &flow, &finding, &verdict));
	assert_int_equal(record->severity, 3);
	assert_string_equal(record->community_id, "1:Ob8cK2ril6mFpwuX5Ehx5m9/GZg=");
	expect(STAMP "\"flow_id\":77,\"pcap_cnt\":5,\"event_type\":\"alert\"," CLIENT "\"pkt_src\":\"wire/pcap\","
		     "\"ether\":{\"src_mac\":\"02:00:00:00:00:01\",\"dest_mac\":\"02:00:00:00:00:02\"},\"community_"
		     "id\":\"1:Ob8cK2ril6mFpwuX5Ehx5m9/GZg=\","
		     "\"host\":\"edge\",\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":9,\"rev\":2,"
		     "\"signature\":\"found \\\"it\\\"\","
		     "\"category\":\"Misc\",\"severity\":3,\"target\":{\"ip\":\"10.0.0.1\",\"port\":1024},\"source\":{"
		     "\"ip\":\"192.0.2.9\",\"port\":53},"
		     "\"metadata\":{\"tag\":[\"a\",\"b\"],\"policy\":[\"p\"]},\"references\":[\"https://r/"
		     "1\"]},\"direction\":\"to_server\","
		     "\"payload\":\"YQBi\",\"payload_printable\":\"a.b\",\"stream\":0,\"packet\":\"YQBi\","
		     "\"packet_info\":{\"linktype\":1,\"linktype_name\":\"EN10MB\"},"
		     "\"verdict\":{\"action\":\"drop\",\"reject-target\":\"to_server\",\"reject\":[\"icmp-prohib\"]}}");
}

// A sender can make what an alert carries longer than a line: the alert stays, what did not fit goes.
static void an_alert_is_not_lost_by_what_it_carries(void **state)
{
	(void)state;
	const struct verdict verdict = { 0 };
	struct finding finding = { .rule = &rule, .action = RULE_ALERT, .where = FOUND_PACKET };
	config.alert_payload = config.alert_payload_printable = config.alert_packet = true;
	make_writer();
	uint8_t *bytes = malloc(RECORD_LINE_MAX);
	assert_non_null(bytes);
	memset(bytes, '"', RECORD_LINE_MAX);
	packets[0].payload = packets[0].frame = span_of(bytes, RECORD_LINE_MAX);
	assert_true(eve_alert(writer, &json, record, &packets[0], &flow, &finding, &verdict));
	size_t len = json_end(&json);
	assert_true(len > 1);
	record->line[len - 1] = 0;
	assert_non_null(strstr(record->line, "\"signature_id\":9"));
	assert_null(strstr(record->line, "\"payload"));
	assert_non_null(strstr(record->line, "\"stream\":0,\"verdict\":{\"action\":\"alert\"}}"));
	free(bytes);
}

static void an_alert_in_a_tunnel_tells_the_outermost_packet(void **state)
{
	(void)state;
	const struct verdict verdict = { .pass = true };
	struct finding finding = { .rule = &rule, .action = RULE_REJECT };
	make_writer();
	packets[1] = packets[0];
	packets[1].src = address_of("2001:db8::1");
	packets[1].dst = address_of("2001:db8::2");
	packets[1].ip_version = 6;
	packets[1].proto = PROTO_ICMPV6;
	packets[1].icmp_type = 128;
	packets[1].flags = PACKET_TUNNELED;
	packets[1].tunnel = TUNNEL_VXLAN;
	packets[1].depth = packets[1].index = 1;
	assert_true(eve_alert(writer, &json, record, &packets[1], NULL, &finding, &verdict));
	expect(STAMP "\"pcap_cnt\":5,\"event_type\":\"alert\",\"src_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0001\","
		     "\"dest_ip\":\"2001:0db8:0000:0000:0000:0000:0000:0002\",\"proto\":\"IPv6-ICMP\",\"ip_v\":6,"
		     "\"icmp_type\":128,\"icmp_code\":0,"
		     "\"pkt_src\":\"vxlan "
		     "encapsulation\",\"alert\":{\"action\":\"blocked\",\"gid\":1,\"signature_id\":9,\"rev\":2,"
		     "\"signature\":\"found \\\"it\\\"\",\"category\":\"Misc\",\"severity\":3},"
		     "\"tunnel\":{\"src_ip\":\"10.0.0.1\",\"src_port\":1024,\"dest_ip\":\"192.0.2.9\",\"dest_port\":53,"
		     "\"proto\":\"UDP\",\"depth\":1,"
		     "\"pcap_cnt\":5,\"pkt_src\":\"wire/pcap\"},\"verdict\":{\"action\":\"pass\"}}");
}

static void a_drop_says_why(void **state)
{
	(void)state;
	static const uint8_t udp[8] = { 4, 0, 0, 53, 0, 11, 0, 0 };
	static const uint8_t ip[20] = { 0x45, 0, 0, 31 };
	const struct verdict verdict = { .drop = true, .reason = DROP_FLOW_DROP };
	config.simulate_ips = true;
	make_writer();
	packets[0].ip = ip;
	packets[0].l4 = udp;
	packets[0].ttl = 64;
	packets[0].ip_id = 7;
	packets[0].direction = TO_CLIENT;
	assert_true(eve_drop(writer, &json, record, &packets[0], &flow, &verdict, NULL));
	expect(STAMP "\"flow_id\":77,\"pcap_cnt\":5,\"event_type\":\"drop\"," CLIENT "\"pkt_src\":\"wire/pcap\","
		     "\"drop\":{\"len\":31,\"tos\":0,\"ttl\":64,\"ipid\":7,\"udplen\":11,\"reason\":\"flow "
		     "drop\"},\"direction\":\"to_client\","
		     "\"verdict\":{\"action\":\"drop\"}}");
}

static void arp_is_told_when_it_is_whole(void **state)
{
	(void)state;
	static const uint8_t arp[28] = { 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0,
		0, 2 };
	make_writer();
	packets[0].ip_version = 0;
	packets[0].arp = span_of(arp, 27);
	assert_false(eve_arp(writer, &json, record, &packets[0]));
	packets[0].arp = span_of(arp, 28);
	assert_true(eve_arp(writer, &json, record, &packets[0]));
	expect(STAMP "\"pcap_cnt\":5,\"event_type\":\"arp\",\"pkt_src\":\"wire/"
		     "pcap\",\"arp\":{\"hw_type\":\"ethernet\",\"proto_type\":\"ipv4\","
		     "\"opcode\":\"reply\",\"src_mac\":\"02:00:00:00:00:01\",\"src_ip\":\"10.0.0.1\",\"dest_mac\":\"02:"
		     "00:00:00:00:02\","
		     "\"dest_ip\":\"10.0.0.2\"}}");
}

static void anomalies_have_family_and_layer(void **state)
{
	(void)state;
	make_writer();
	packets[0].l4 = NULL;
	assert_true(
		eve_anomaly(writer, &json, record, &packets[0], NULL, packet_event_find("udp.pkt_too_small", false)));
	expect(STAMP
		"\"pcap_cnt\":5,\"event_type\":\"anomaly\",\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"192.0.2.9\",\"proto\":"
		"\"UDP\",\"ip_v\":4,"
		"\"pkt_src\":\"wire/pcap\",\"anomaly\":{\"type\":\"decode\",\"event\":\"decoder.udp.pkt_too_small\"}}");
	json_begin(&json, record->line, RECORD_LINE_MAX);
	flow.app.proto = APP_DNS;
	assert_true(eve_anomaly_app(writer, &json, record, NULL, &flow, NULL, APPLAYER_PROTO_DETECTION_SKIPPED));
	size_t len = json_end(&json);
	record->line[len] = 0;
	assert_non_null(strstr(record->line,
		"\"type\":\"applayer\",\"event\":\"APPLAYER_PROTO_DETECTION_SKIPPED\",\"layer\":\"proto_detect\""));
	config.anomaly_stream = false;
	assert_false(eve_anomaly(writer, &json, record, &packets[0], NULL, packet_event_find("est_invalid_ack", true)));
}

static void statistics_nest_and_keep_to_their_schema(void **state)
{
	(void)state;
	static const struct eve_stat stats[] = {
		{ "decoder.pkts", 7 },
		{ "decoder.event.ipv4.trunc_pkt", 1 },
		{ "decoder.gtpu", 9 },
		{ "flow.total", 2 },
		{ "flow.end.timeout", 2 },
		{ "detect.engines.0.rules_loaded", 8 },
		{ "detect.engines.0.rules_failed", 1 },
		{ "app_layer.flow.http", 3 },
		{ "app_layer.flow.http", 4 },
		{ "app_layer.flow.irc", 4 },
		{ "decoder.event.ipv6.rh_type_0", 5 },
	};
	make_writer();
	assert_true(eve_stats(writer, &json, record, TS, 60, stats, sizeof(stats) / sizeof(stats[0])));
	expect(STAMP "\"event_type\":\"stats\",\"stats\":{\"uptime\":60,\"decoder\":{\"pkts\":7,\"event\":{\"ipv4\":{"
		     "\"trunc_pkt\":1},"
		     "\"ipv6\":{\"rh_type_0\":5}}},\"flow\":{\"total\":2},\"detect\":{\"engines\":[{\"rules_loaded\":8,"
		     "\"rules_failed\":1}]},\"app_layer\":{\"flow\":{\"http\":7}}}}");
}

static void families_can_be_off(void **state)
{
	(void)state;
	const struct verdict verdict = { 0 };
	struct finding finding = { .rule = &rule };
	config.alert = config.flow = config.netflow = config.drop = config.anomaly = config.stats = config.arp = false;
	make_writer();
	assert_false(eve_alert(writer, &json, record, &packets[0], &flow, &finding, &verdict));
	assert_false(eve_flow(writer, &json, record, &flow, false, TS));
	assert_false(eve_netflow(writer, &json, record, &flow, TO_SERVER));
	assert_false(eve_drop(writer, &json, record, &packets[0], &flow, &verdict, NULL));
	assert_false(eve_anomaly(writer, &json, record, &packets[0], NULL, DECODE_IPV4_TRUNC_PKT));
	assert_false(eve_stats(writer, &json, record, TS, 0, NULL, 0));
	assert_false(eve_arp(writer, &json, record, &packets[0]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_flow_is_told_from_its_client),
		TEST(netflow_has_a_record_each_way),
		TEST(an_alert_answers_in_full),
		TEST(an_alert_is_not_lost_by_what_it_carries),
		TEST(an_alert_in_a_tunnel_tells_the_outermost_packet),
		TEST(a_drop_says_why),
		TEST(arp_is_told_when_it_is_whole),
		TEST(anomalies_have_family_and_layer),
		TEST(statistics_nest_and_keep_to_their_schema),
		TEST(families_can_be_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
