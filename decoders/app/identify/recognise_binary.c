// SPDX-License-Identifier: GPL-3.0-or-later
// Recognisers of binary protocols whose first bytes say enough on any port.
#include "decoders/app/identify/recognise.h"
#include "decoders/app/identify/prefix.h"
#include "decoders/base/cursor.h"

static bool is_hinted(const struct flow *flow)
{
	return flow->app.flags & APP_HINTED;
}

// Who sends a message of that kind: the side direction says, or are the roles swapped?
static enum app_probe by_role(enum direction direction, bool from_client)
{
	return (direction == TO_SERVER) == from_client ? APP_PROBE_YES : APP_PROBE_REVERSED;
}

// NetBIOS session service (RFC 1002 section 4.3) around SMB 1, 2 or 3.
enum app_probe recognise_smb(enum direction direction, struct span data, const struct flow *flow)
{
	if (data.len < 4)
		return data.len && data.data[0] != 0 && data.data[0] != 0x81 && data.data[0] != 0x82 ? APP_PROBE_NO
												     : APP_PROBE_MORE;
	uint32_t len = be32_at(data.data) & 0xffffff;
	if (data.data[0] == 0x81 && is_hinted(flow))
		return direction == TO_SERVER && len >= 34 && len <= 256 ? APP_PROBE_YES : APP_PROBE_NO;
	if (data.data[0] == 0x82 && is_hinted(flow))
		return direction == TO_CLIENT && len == 0 ? APP_PROBE_YES : APP_PROBE_NO;
	if (data.data[0] != 0)
		return APP_PROBE_NO;
	if (data.len < 8)
		return APP_PROBE_MORE;
	if (memcmp(data.data + 5, "SMB", 3) != 0 || data.data[4] < 0xfd || len < 32)
		return APP_PROBE_NO;
	// The reply bit: SMB 1 flags, SMB 2 flags
	if (data.data[4] == 0xff && data.len >= 14)
		return by_role(direction, !(data.data[13] & 0x80));
	if (data.data[4] == 0xfe && data.len >= 21)
		return by_role(direction, !(data.data[20] & 1));
	// Encrypted or compressed: only the ports say who serves
	const struct flow_key *key = &flow->key;
	bool from = key->sport == 445 || key->sport == 139, to = key->dport == 445 || key->dport == 139;
	return from && !to && data.data[4] < 0xfe ? by_role(direction, direction != TO_SERVER) : APP_PROBE_YES;
}

static enum app_probe dcerpc_datagram(enum direction direction, struct span data)
{
	if (data.len < 80)
		return APP_PROBE_NO;
	const uint8_t *p = data.data;
	if (p[0] != 4 || p[1] > 10 || p[3] & 0xfc || p[4] & 0xee || p[5] > 3)
		return APP_PROBE_NO;
	return by_role(direction, p[1] == 0 || p[1] == 1 || p[1] == 7 || p[1] == 8);
}

// Connection-oriented header (C706 chapter 12.6), connectionless header (12.5).
enum app_probe recognise_dcerpc(enum direction direction, struct span data, const struct flow *flow)
{
	if (flow->key.proto == PROTO_UDP)
		return dcerpc_datagram(direction, data);
	const uint8_t *p = data.data;
	static const char greeting[] = "ncacn_http/1.0"; // of a server (MS-RPCH 2.1.2.2)
	if (data.len && p[0] == greeting[0]) {
		bool whole = data.len >= sizeof greeting - 1;
		if (memcmp(p, greeting, whole ? sizeof greeting - 1 : data.len) != 0)
			return APP_PROBE_NO;
		return whole ? by_role(direction, false) : APP_PROBE_MORE;
	}
	// Over HTTP the channel's own messages come first (MS-RPCH 2.2.3)
	unsigned types_end = flow->app.proto_expected == APP_DCERPC ? 21 : 20;
	if ((data.len > 0 && p[0] != 5) || (data.len > 1 && p[1] > 1) || (data.len > 2 && p[2] >= types_end))
		return APP_PROBE_NO;
	if (data.len < 10)
		return APP_PROBE_MORE;
	if (p[4] & 0xee || p[5] > 3 || p[6] || p[7])
		return APP_PROBE_NO;
	uint32_t len = p[4] & 0x10 ? (uint32_t)(p[8] | p[9] << 8) : be16_at(p + 8);
	if (len < 16)
		return APP_PROBE_NO;
	bool from_server = p[2] == 2 || p[2] == 3 || p[2] == 12 || p[2] == 13 || p[2] == 15;
	return by_role(direction, !from_server);
}

// What follows X.224 in RDP and in nothing else: routing cookie, negotiation request or answer (MS-RDPBCGR 2.2.1.1, 2.2.1.2).
static bool is_rdp_negotiation(struct span rest)
{
	return span_starts(rest, "Cookie: ") ||
	       (rest.len >= 8 && rest.data[0] >= 1 && rest.data[0] <= 3 && rest.data[2] == 8 && rest.data[3] == 0);
}

// X.224 connection request and confirm in TPKT; other protocols (S7, MMS) begin so, too.
enum app_probe recognise_rdp(enum direction direction, struct span data, const struct flow *flow)
{
	static const uint8_t start[] = { 3, 0 };
	enum app_probe tpkt = prefix_bytes(data, start, sizeof(start));
	if (tpkt == APP_PROBE_NO)
		return APP_PROBE_NO;
	if (data.len < 11)
		return APP_PROBE_MORE;
	uint32_t len = be16_at(data.data + 2);
	if (len < 11 || data.data[4] != len - 5)
		return APP_PROBE_NO;
	if (data.data[5] != (direction == TO_SERVER ? 0xe0 : 0xd0))
		return APP_PROBE_NO;
	if (is_hinted(flow) || is_rdp_negotiation(span_from(data, 11)))
		return APP_PROBE_YES;
	return data.len < 19 && data.len < len ? APP_PROBE_MORE : APP_PROBE_NO;
}

// Option negotiation (RFC 854): IAC, WILL/WONT/DO/DONT, option.
enum app_probe recognise_telnet(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction, (void)flow;
	if (data.len < 3)
		return data.len && data.data[0] != 0xff ? APP_PROBE_NO : APP_PROBE_MORE;
	return data.data[0] == 0xff && data.data[1] >= 0xfb && data.data[1] <= 0xfe && data.data[2] < 50 ? APP_PROBE_YES
													 : APP_PROBE_NO;
}
