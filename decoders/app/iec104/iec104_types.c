// SPDX-License-Identifier: GPL-3.0-or-later
// Types of ASDU (IEC 60870-5-101 section 7.2, -104 section 8) and the elements of their objects.
#include <math.h>
#include "decoders/app/iec104/iec104.h"

// The elements of an object, a letter each: s single point, d double point, v step position, b 32 bits, n normalized, c scaled (both 16 bits), f short float, i counter (five bytes), p packed single points;
// q quality, t two bytes of time, T three, S seven; C single command, D double, R regulating step, k qualifier of a set point, g of an interrogation, r of a reset, a of a
// parameter, o cause of initialisation; x, y a byte and two that are not told.
static const struct iec104_type types[] = {
	[1] = { "M_SP_NA_1", "s" },
	[2] = { "M_SP_TA_1", "sT" },
	[3] = { "M_DP_NA_1", "d" },
	[4] = { "M_DP_TA_1", "dT" },
	[5] = { "M_ST_NA_1", "vq" },
	[6] = { "M_ST_TA_1", "vqT" },
	[7] = { "M_BO_NA_1", "bq" },
	[8] = { "M_BO_TA_1", "bqT" },
	[9] = { "M_ME_NA_1", "nq" },
	[10] = { "M_ME_TA_1", "nqT" },
	[11] = { "M_ME_NB_1", "cq" },
	[12] = { "M_ME_TB_1", "cqT" },
	[13] = { "M_ME_NC_1", "fq" },
	[14] = { "M_ME_TC_1", "fqT" },
	[15] = { "M_IT_NA_1", "i" },
	[16] = { "M_IT_TA_1", "iT" },
	[17] = { "M_EP_TA_1", "xtT" },
	[18] = { "M_EP_TB_1", "xxtT" },
	[19] = { "M_EP_TC_1", "xxtT" },
	[20] = { "M_PS_NA_1", "pq" },
	[21] = { "M_ME_ND_1", "n" },
	[30] = { "M_SP_TB_1", "sS" },
	[31] = { "M_DP_TB_1", "dS" },
	[32] = { "M_ST_TB_1", "vqS" },
	[33] = { "M_BO_TB_1", "bqS" },
	[34] = { "M_ME_TD_1", "nqS" },
	[35] = { "M_ME_TE_1", "cqS" },
	[36] = { "M_ME_TF_1", "fqS" },
	[37] = { "M_IT_TB_1", "iS" },
	[38] = { "M_EP_TD_1", "xtS" },
	[39] = { "M_EP_TE_1", "xxtS" },
	[40] = { "M_EP_TF_1", "xxtS" },
	[45] = { "C_SC_NA_1", "C" },
	[46] = { "C_DC_NA_1", "D" },
	[47] = { "C_RC_NA_1", "R" },
	[48] = { "C_SE_NA_1", "nk" },
	[49] = { "C_SE_NB_1", "ck" },
	[50] = { "C_SE_NC_1", "fk" },
	[51] = { "C_BO_NA_1", "b" },
	[58] = { "C_SC_TA_1", "CS" },
	[59] = { "C_DC_TA_1", "DS" },
	[60] = { "C_RC_TA_1", "RS" },
	[61] = { "C_SE_TA_1", "nkS" },
	[62] = { "C_SE_TB_1", "ckS" },
	[63] = { "C_SE_TC_1", "fkS" },
	[64] = { "C_BO_TA_1", "bS" },
	[70] = { "M_EI_NA_1", "o" },
	[100] = { "C_IC_NA_1", "g" },
	[101] = { "C_CI_NA_1", "g" },
	[102] = { "C_RD_NA_1", "" },
	[103] = { "C_CS_NA_1", "S" },
	[104] = { "C_TS_NA_1", "y" },
	[105] = { "C_RP_NA_1", "r" },
	[106] = { "C_CD_NA_1", "t" },
	[107] = { "C_TS_TA_1", "yS" },
	[110] = { "P_ME_NA_1", "na" },
	[111] = { "P_ME_NB_1", "ca" },
	[112] = { "P_ME_NC_1", "fa" },
	[113] = { "P_AC_NA_1", "a" },
	[120] = { "F_FR_NA_1", "yTx" },
	[121] = { "F_SR_NA_1", "yxTx" },
	[122] = { "F_SC_NA_1", "yxx" },
	[123] = { "F_LS_NA_1", "yxxx" },
	[124] = { "F_AF_NA_1", "yxx" },
	[125] = { "F_SG_NA_1", NULL },
	[126] = { "F_DR_TA_1", "yTxS" },
	[127] = { "F_SC_NB_1", "ySS" },
};

const struct iec104_type *iec104_type_of(uint8_t id)
{
	return id < sizeof(types) / sizeof(types[0]) && types[id].name ? &types[id] : NULL;
}

const char *iec104_cause_name(uint8_t cause)
{
	static const char *const names[] = {
		[1] = "periodic",
		[2] = "background",
		[3] = "spontaneous",
		[4] = "initialized",
		[5] = "request",
		[6] = "activation",
		[7] = "activation_confirmation",
		[8] = "deactivation",
		[9] = "deactivation_confirmation",
		[10] = "activation_termination",
		[11] = "return_remote",
		[12] = "return_local",
		[13] = "file_transfer",
		[14] = "authentication",
		[15] = "session_key",
		[16] = "user_role_and_update_key",
		[20] = "interrogated_by_station",
		[37] = "counter_request",
		[44] = "unknown_type",
		[45] = "unknown_cause",
		[46] = "unknown_common_address",
		[47] = "unknown_object_address",
	};
	if (cause > 20 && cause <= 36)
		return "interrogated_by_group";
	if (cause > 37 && cause <= 41)
		return "counter_request_by_group";
	return cause < sizeof(names) / sizeof(names[0]) ? names[cause] : NULL;
}

static uint32_t element_bytes(char element)
{
	switch (element) {
	case 'S': return 7;
	case 'i': return 5;
	case 'b':
	case 'f':
	case 'p': return 4;
	case 'T': return 3;
	case 'n':
	case 'c':
	case 't':
	case 'y': return 2;
	default: return 1;
	}
}

uint32_t iec104_object_bytes(const struct iec104_type *type)
{
	uint32_t bytes = 0;
	for (const char *e = type->elements; e && *e; e++)
		bytes += element_bytes(*e);
	return bytes;
}

static void tell_float(const struct app_input *input, struct fact_tx *tx, uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof(value));
	if (isfinite(value))
		fact_format(input, tx, IEC104_VALUE, "%.7g", (double)value);
	else
		fact_string(input, tx, IEC104_VALUE, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

static void tell_time(const struct app_input *input, struct fact_tx *tx, const uint8_t *b)
{
	unsigned ms = b[0] | (unsigned)b[1] << 8;
	fact_format(input, tx, IEC104_VALUE, "20%02u-%02u-%02uT%02u:%02u:%02u.%03u", b[6] & 127, b[5] & 15, b[4] & 31,
		b[3] & 31, b[2] & 63, ms / 1000, ms % 1000);
}

// Single, double and step commands: what is asked for, and how long a pulse is.
static void tell_command(const struct app_input *input, struct fact_tx *tx, char element, uint8_t byte)
{
	static const char *const words[3][4] = {
		{ "off", "on", "off", "on" },
		{ "not_permitted", "off", "on", "not_permitted" },
		{ "not_permitted", "lower", "higher", "not_permitted" },
	};
	const char *const *row = words[element == 'C' ? 0 : element == 'D' ? 1 : 2];
	fact_string(input, tx, IEC104_VALUE, row[byte & 3]);
	if (byte & 0x80)
		fact_flag(input, tx, IEC104_SELECT);
	fact_number(input, tx, IEC104_QUALIFIER, byte >> 2 & 31);
}

static void tell_element(const struct app_input *input, struct fact_tx *tx, char element, const uint8_t *b, bool alone)
{
	static const char *const doubles[] = { "intermediate", "off", "on", "indeterminate" };
	uint16_t low = (uint16_t)(b[0] | b[1] << 8);
	uint32_t bits = low | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	switch (element) {
	case 's': fact_string(input, tx, IEC104_VALUE, b[0] & 1 ? "on" : "off"); return;
	case 'd': fact_string(input, tx, IEC104_VALUE, doubles[b[0] & 3]); return;
	case 'v': fact_format(input, tx, IEC104_VALUE, "%d", (b[0] & 127) - (b[0] & 64) * 2); return;
	case 'b':
	case 'p': fact_format(input, tx, IEC104_VALUE, "0x%08x", bits); return;
	case 'n': fact_format(input, tx, IEC104_VALUE, "%.6g", (int16_t)low / 32768.0); return;
	case 'c': fact_format(input, tx, IEC104_VALUE, "%d", (int16_t)low); return;
	case 'f': tell_float(input, tx, bits); return;
	case 'i': fact_format(input, tx, IEC104_VALUE, "%d", (int32_t)bits); return;
	case 'C':
	case 'D':
	case 'R': tell_command(input, tx, element, b[0]); return;
	case 'k':
		if (b[0] & 0x80)
			fact_flag(input, tx, IEC104_SELECT);
		fact_number(input, tx, IEC104_QUALIFIER, b[0] & 127);
		return;
	case 'g':
	case 'r':
	case 'a':
	case 'o': fact_number(input, tx, IEC104_QUALIFIER, b[0]); return;
	case 'S':
		if (alone) // what a clock is set to
			tell_time(input, tx, b);
		return;
	default: return;
	}
}

void iec104_tell_value(
	const struct app_input *input, struct fact_tx *tx, const struct iec104_type *type, struct span object)
{
	uint32_t at = 0;
	for (const char *e = type->elements; e && *e; e++) {
		uint8_t bytes[8] = { 0 };
		uint32_t len = element_bytes(*e);
		struct span element = span_slice(object, at, len);
		if (element.len < len)
			return;
		memcpy(bytes, element.data, len);
		tell_element(input, tx, *e, bytes, !type->elements[1]);
		at += len;
	}
}
