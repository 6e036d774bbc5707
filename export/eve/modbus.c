// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/modbus.h"
#include <stdio.h>
#include "decoders/app/modbus/modbus.h"

static const char *const functions[] = { NULL, "RdCoils", "RdDiscreteInputs", "RdHoldRegs", "RdInputRegs",
	"WrSingleCoil", "WrSingleReg", "RdExcStatus", "Diagnostic", "Program484", "Poll484", "GetCommEventCtr",
	"GetCommEventLog", "ProgramController", "PollController", "WrMultCoils", "WrMultRegs", "ReportServerID",
	"Program884", "ResetCommLink", "RdFileRec", "WrFileRec", "MaskWrReg", "RdWrMultRegs",
	"RdFIFOQueue", [43] = "MEI" };
static const char *const exceptions[] = { NULL, "IllegalFunction", "IllegalDataAddr", "IllegalDataValue",
	"ServerDeviceFail", "Ack", "ServerDeviceBusy", "NegAck", "MemParityErr", NULL, "GatewayPathUnavailable",
	"GatewayTargetFailToResp" };
static const char *const diagnostics[] = { "RetQueryData", "RestartCommOpt", "RetDiagReg", "ChangeInputDelimiter",
	"ForceListenOnlyMode", "Reserved", "Reserved", "Reserved", "Reserved", "Reserved", "ClearCtrsDiagReg",
	"RetBusMsgCount", "RetBusCommErrCount", "RetBusExcErrCount", "RetServerMsgCount", "RetServerNoRespCount",
	"RetServerNAKCount", "RetServerBusyCount", "RetBusCharOverrunCount", "RetOverrunErrCount",
	"ClearOverrunCounterFlag", "GetClearPlusStats" };
static const char *const accesses[] = { "READ", "WRITE", "DISCRETES", "COILS", "INPUT", "HOLDING", "SINGLE", "MULTIPLE",
	NULL };
static const char *const categories[] = { "PUBLIC_ASSIGNED", "PUBLIC_UNASSIGNED", "USER_DEFINED", "RESERVED", NULL };
static const char *const errors[] = { "DATA_VALUE", "DATA_LENGTH", "EXC_CODE", "FUNC_CODE", "PROTO_ID", NULL };

#define NAME_OF(names, value) \
	((value) < sizeof(names) / sizeof((names)[0]) && (names)[value] ? (names)[value] : "Unknown")

static void put_flags(struct json *json, const char *key, const char *const *names, unsigned flags)
{
	char text[96] = "";
	size_t len = 0;
	for (unsigned i = 0; names[i]; i++)
		if (flags >> i & 1)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " | " : "", names[i]);
	json_put_text(json, key, len ? text : "NONE");
}

static void put_coded(struct json *json, const char *key, uint32_t raw, const char *code, struct span data)
{
	json_put_object(json, key);
	json_put_uint(json, "raw", raw);
	json_put_text(json, "code", code);
	if (data.data)
		json_put_span(json, "data", data);
	json_object_end(json);
}

static void put_ranges(struct json *json, const struct modbus_message *m, enum direction direction, struct span data)
{
	uint16_t value;
	if (direction == TO_SERVER && m->has_read) {
		json_put_object(json, "read");
		json_put_uint(json, "address", m->read_address);
		json_put_uint(json, "quantity", m->read_quantity);
		json_object_end(json);
	}
	if (direction == TO_CLIENT && m->access & MODBUS_READS && m->values_at) {
		json_put_object(json, "read");
		json_put_span(json, "data", span_from(data, m->values_at));
		json_object_end(json);
	}
	if (m->has_write) {
		json_put_object(json, "write");
		json_put_uint(json, "address", m->write_address);
		if (m->access & MODBUS_SINGLE && m->values_at && m->values_at + 2u <= m->len) {
			value = be16_at(m->data + m->values_at);
			json_put_uint(json, "data", value);
		}
		json_object_end(json);
	}
}

static void put_message(struct json *json, const struct modbus_message *m, enum direction direction)
{
	struct span data = span_of(m->data, m->len);
	if (!m->present)
		return;
	json_put_object(json, direction == TO_SERVER ? "request" : "response");
	json_put_uint(json, "transaction_id", m->transaction);
	json_put_uint(json, "protocol_id", m->protocol);
	json_put_uint(json, "unit_id", m->unit);
	json_put_uint(json, "function_raw", m->function);
	json_put_text(json, "function_code", NAME_OF(functions, m->function));
	put_flags(json, "access_type", accesses, m->access);
	put_flags(json, "category", categories, m->category);
	put_flags(json, "error_flags", errors, m->errors);
	if (m->exception && m->len)
		put_coded(json, "exception", m->data[0], NAME_OF(exceptions, m->data[0]), (struct span) { NULL, 0 });
	else if (m->function == MODBUS_DIAGNOSTIC && m->len >= 2)
		put_coded(json, "diagnostic", be16_at(m->data), NAME_OF(diagnostics, be16_at(m->data)),
			span_from(data, 2));
	else if (m->function == MODBUS_MEI && m->len)
		put_coded(json, "mei", m->data[0],
			m->data[0] == 14   ? "RdDevId"
			: m->data[0] == 13 ? "CANOpenGenRefReqResp"
					   : "Unknown",
			span_from(data, 1));
	else if (m->access)
		put_ranges(json, m, direction, data);
	else if (m->len)
		json_put_span(json, "data", data);
	json_object_end(json);
}

static bool write_modbus(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	json_put_object(json, "modbus");
	json_put_uint(json, "id", tx->id + 1);
	put_message(json, &modbus_tx_of(tx)->messages[TO_SERVER], TO_SERVER);
	put_message(json, &modbus_tx_of(tx)->messages[TO_CLIENT], TO_CLIENT);
	json_object_end(json);
	return true;
}

const struct eve_app eve_modbus = { .proto = APP_MODBUS, .event_type = "modbus", .write = write_modbus };
