// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/rdp.h"
#include <stdio.h>
#include "decoders/app/datagram.h"
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/tls/tls.h"
#include "decoders/base/utf16.h"
#include "export/eve/one_way.h"

#define TEXT_BYTES 128 // of a name in UTF-8: 32 units at most, padded

struct named {
	uint32_t value;
	const char *name;
};

static const char *name_of(const struct named *names, uint32_t value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

static const struct named versions[] = { { 0x00080001, "v4" }, { 0x00080004, "v5" }, { 0x00080005, "v10.0" },
	{ 0x00080006, "v10.1" }, { 0x00080007, "v10.2" }, { 0x00080008, "v10.3" }, { 0x00080009, "v10.4" },
	{ 0x0008000a, "v10.5" }, { 0x0008000b, "v10.6" }, { 0x0008000c, "v10.7" }, { 0, NULL } };

static const struct named builds[] = { { 2195, "Windows 2000" }, { 2600, "Windows XP" },
	{ 3790, "Windows Server 2003" }, { 6000, "Windows Vista" }, { 6001, "Windows Vista SP1" },
	{ 6002, "Windows Vista SP2" }, { 7600, "Windows 7" }, { 7601, "Windows 7 SP1" }, { 9200, "Windows 8" },
	{ 9600, "Windows 8.1" }, { 10240, "Windows 10 RTM" }, { 10586, "Windows 10 TH2" }, { 14393, "Windows 10 RS1" },
	{ 15063, "Windows 10 RS2" }, { 16299, "Windows 10 RS3" }, { 17134, "Windows 10 RS4" },
	{ 17763, "Windows 10 RS5" }, { 18362, "Windows 10 19H1" }, { 18363, "Windows 10 19H2" },
	{ 19041, "Windows 10 20H1" }, { 19042, "Windows 10 20H2" }, { 0, NULL } };

static const struct named keyboards[] = { { 1, "xt" }, { 2, "ico" }, { 3, "at" }, { 4, "enhanced" }, { 5, "1050" },
	{ 6, "9140" }, { 7, "jp" }, { 0, NULL } };

static const struct named layouts[] = { { 0x0404, "zh-TW" }, { 0x0405, "cs-CZ" }, { 0x0406, "da-DK" },
	{ 0x0407, "de-DE" }, { 0x0408, "el-GR" }, { 0x0409, "en-US" }, { 0x040a, "es-ES_tradnl" }, { 0x040b, "fi-FI" },
	{ 0x040c, "fr-FR" }, { 0x040d, "he-IL" }, { 0x040e, "hu-HU" }, { 0x0410, "it-IT" }, { 0x0411, "ja-JP" },
	{ 0x0412, "ko-KR" }, { 0x0413, "nl-NL" }, { 0x0414, "nb-NO" }, { 0x0415, "pl-PL" }, { 0x0416, "pt-BR" },
	{ 0x0418, "ro-RO" }, { 0x0419, "ru-RU" }, { 0x041b, "sk-SK" }, { 0x041d, "sv-SE" }, { 0x041f, "tr-TR" },
	{ 0x0422, "uk-UA" }, { 0x0804, "zh-CN" }, { 0x0807, "de-CH" }, { 0x0809, "en-GB" }, { 0x080a, "es-MX" },
	{ 0x080c, "fr-BE" }, { 0x0816, "pt-PT" }, { 0x0c07, "de-AT" }, { 0x0c0a, "es-ES" }, { 0x0c0c, "fr-CA" },
	{ 0x1009, "en-CA" }, { 0x100c, "fr-CH" }, { 0, NULL } };

static const char *const capabilities[16] = { "support_errinfo_pdf", "want_32bpp_session", "support_statusinfo_pdu",
	"strong_asymmetric_keys", NULL, "valid_connection_type", "support_monitor_layout_pdu",
	"support_netchar_autodetect", "support_dynvc_gfx_protocol", "support_dynamic_time_zone",
	"support_heartbeat_pdu" };

// By name; a value that has none as a number.
static void put_named(struct json *json, const char *key, const struct named *names, uint32_t value, const char *format)
{
	char number[24];
	const char *name = name_of(names, value);
	snprintf(number, sizeof(number), format, value);
	json_put_text(json, key, name ? name : number);
}

// UTF-16 up to its first zero; nothing when it is empty.
static void put_utf16(struct json *json, const char *key, struct span text)
{
	uint8_t out[TEXT_BYTES];
	uint32_t len = 0;
	for (uint32_t at = 0; text.len - at >= 2 && len + 4 <= TEXT_BYTES;) {
		uint32_t code = utf16_code(text, &at);
		if (!code)
			break;
		len += utf8_write(code, out + len);
	}
	if (len)
		json_put_span(json, key, span_of(out, len));
}

static unsigned color_depth(const struct rdp_core *core)
{
	static const uint8_t depths[] = { 4, 8, 15, 16, 24 };
	if (core->has_high_color && core->high_color)
		return core->high_color;
	uint16_t old = core->has_post_beta_color ? core->post_beta_color : core->color;
	unsigned index = old - 0xca00u;
	return index < sizeof(depths) ? depths[index] : 0;
}

static void put_client(struct json *json, const struct rdp_core *core)
{
	json_put_object(json, "client");
	put_named(json, "version", versions, core->version, "0x%08x");
	json_put_uint(json, "desktop_width", core->width);
	json_put_uint(json, "desktop_height", core->height);
	if (color_depth(core))
		json_put_uint(json, "color_depth", color_depth(core));
	put_named(json, "keyboard_layout", layouts, core->keyboard_layout, "0x%08x");
	put_named(json, "build", builds, core->build, "%u");
	put_utf16(json, "client_name", core->client_name);
	put_named(json, "keyboard_type", keyboards, core->keyboard_type, "%u");
	json_put_uint(json, "function_keys", core->function_keys);
	if (core->has_product_id)
		json_put_uint(json, "product_id", core->product_id);
	bool any = false;
	for (unsigned i = 0; core->has_capabilities && i < 16; i++) {
		if (!(core->capabilities >> i & 1) || !capabilities[i])
			continue;
		if (!any)
			json_put_array(json, "capabilities");
		any = true;
		json_put_text(json, NULL, capabilities[i]);
	}
	if (any)
		json_array_end(json);
	put_utf16(json, "id", core->product);
	json_object_end(json);
}

static void put_connect(struct json *json, const struct rdp_message *m)
{
	struct rdp_core core;
	struct span name;
	if (m->core.data && rdp_core_read(m->core, &core))
		put_client(json, &core);
	if (!rdp_channel(m->channels, 0, &name))
		return;
	json_put_array(json, "channels");
	for (unsigned i = 0; rdp_channel(m->channels, i, &name); i++)
		json_put_span(json, NULL, name);
	json_array_end(json);
}

static bool write_rdp(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	static const char *const kinds[RDP_KINDS] = { [RDP_OTHER] = "unknown",
		[RDP_INITIAL_REQUEST] = "initial_request",
		[RDP_INITIAL_RESPONSE] = "initial_response",
		[RDP_CONNECT_REQUEST] = "connect_request",
		[RDP_CONNECT_RESPONSE] = "connect_response",
		[RDP_TLS_HANDSHAKE] = "tls_handshake" };
	(void)config, (void)flow, (void)in_alert;
	struct rdp_message m;
	if (part || !rdp_message_read(datagram_span(tx), &m))
		return false;
	json_put_object(json, "rdp");
	json_put_uint(json, "tx_id", tx->id);
	json_put_text(json, "event_type", kinds[m.kind]);
	if (m.cookie.data)
		json_put_span(json, "cookie", m.cookie);
	if (m.kind == RDP_CONNECT_REQUEST)
		put_connect(json, &m);
	json_object_end(json);
	return true;
}

// The server's answer is the handshake's event.
static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return !tx->tls || tx->tls->seen & TLS_SEEN_SERVER_HELLO || tx->tls->side[TO_CLIENT].chain_len;
}

const struct eve_app eve_rdp = {
	.proto = APP_RDP, .event_type = "rdp", .write = write_rdp, .direction = eve_one_way, .wanted = wanted
};
