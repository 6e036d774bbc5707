// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a transaction: what rules and events ask for, without showing libhtp.
#include "decoders/app/http/http_internal.h"

// CONNECT's target is a host and port (RFC 9110 9.3.6). libhtp takes whatever stands there for a host, also a path.
static const bstr *host_of(const bstr *text)
{
	return text && bstr_len(text) && bstr_ptr(text)[0] == '/' ? NULL : text;
}

static const bstr *part_of(const htp_tx_t *htp, enum http_part part)
{
	switch (part) {
	case HTTP_PART_METHOD: return htp->request_method;
	case HTTP_PART_URI_RAW: return htp->request_uri;
	case HTTP_PART_PROTOCOL: return htp->request_protocol;
	case HTTP_PART_REQUEST_LINE: return htp->request_line;
	case HTTP_PART_HOST: return host_of(htp->request_hostname);
	case HTTP_PART_HOST_RAW: return htp->parsed_uri ? host_of(htp->parsed_uri->hostname) : NULL;
	case HTTP_PART_RESPONSE_LINE: return htp->response_line;
	case HTTP_PART_RESPONSE_PROTOCOL: return htp->response_protocol;
	case HTTP_PART_STATUS: return htp->response_status;
	case HTTP_PART_STATUS_MESSAGE: return htp->response_message;
	default: return NULL;
	}
}

bool http_part(const struct app_tx *base, enum http_part part, struct span *out)
{
	const struct http_tx *tx = (const struct http_tx *)base;
	if (part == HTTP_PART_URI) {
		*out = bytes_span(&tx->uri);
		return tx->uri.len > 0;
	}
	const bstr *text = part_of(tx->htp, part);
	if (!text && part == HTTP_PART_HOST_RAW)
		return http_header_find(base, TO_SERVER, "host", out);
	*out = http_bstr(text);
	return text != NULL;
}

static const htp_table_t *headers_of(const struct app_tx *base, enum direction direction)
{
	const htp_tx_t *htp = ((const struct http_tx *)base)->htp;
	return direction == TO_SERVER ? htp->request_headers : htp->response_headers;
}

bool http_header_at(const struct app_tx *base, enum direction direction, uint32_t index, struct http_header *out)
{
	const htp_table_t *headers = headers_of(base, direction);
	if (!headers || index >= htp_table_size(headers))
		return false;
	const htp_header_t *header = htp_table_get_index(headers, index, NULL);
	if (!header)
		return false;
	out->name = http_bstr(header->name);
	out->value = http_bstr(header->value);
	out->repeated = header->flags & HTP_FIELD_REPEATED;
	return true;
}

bool http_header_find(const struct app_tx *base, enum direction direction, const char *name, struct span *value)
{
	const htp_table_t *headers = headers_of(base, direction);
	const htp_header_t *header = headers ? htp_table_get_c(headers, name) : NULL;
	if (!header)
		return false;
	*value = http_bstr(header->value);
	return true;
}

int http_status(const struct app_tx *base)
{
	return ((const htp_tx_t *)((const struct http_tx *)base)->htp)->response_status_number;
}

int http_request_port(const struct app_tx *base)
{
	return ((const htp_tx_t *)((const struct http_tx *)base)->htp)->request_port_number;
}

uint64_t http_response_length(const struct app_tx *base)
{
	int64_t length = ((const htp_tx_t *)((const struct http_tx *)base)->htp)->response_message_len;
	return length > 0 ? (uint64_t)length : 0;
}

bool http_request_unseen(const struct app_tx *base)
{
	const htp_tx_t *htp = ((const struct http_tx *)base)->htp;
	return htp->request_line == NULL;
}

bool http_asks_first(const struct app_tx *base)
{
	return http_state_of(((const struct http_tx *)base)->htp)->first_request == base->id + 1;
}
