// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/bacnet/bacnet_names.h"
#include <stddef.h>

static const char *const link[] = { "bvlc-result", "write-bdt", "read-bdt", "read-bdt-ack", "forwarded-npdu",
	"register-foreign-device", "read-fdt", "read-fdt-ack", "delete-fdt-entry", "distribute-broadcast-to-network",
	"original-unicast-npdu", "original-broadcast-npdu", "secure-bvll" };

static const char *const link_result[] = { "success", "write-bdt-nak", "read-bdt-nak", "register-foreign-device-nak",
	"read-fdt-nak", "delete-fdt-entry-nak", "distribute-broadcast-nak" };

static const char *const network[] = { "who-is-router-to-network", "i-am-router-to-network",
	"i-could-be-router-to-network", "reject-message-to-network", "router-busy-to-network",
	"router-available-to-network", "initialize-routing-table", "initialize-routing-table-ack",
	"establish-connection-to-network", "disconnect-connection-to-network", "challenge-request", "security-payload",
	"security-response", "request-key-update", "update-key-set", "update-distribution-key", "request-master-key",
	"set-master-key", "what-is-network-number", "network-number-is" };

static const char *const pdu[] = { "confirmed-request", "unconfirmed-request", "simple-ack", "complex-ack",
	"segment-ack", "error", "reject", "abort" };

static const char *const confirmed[] = { "acknowledge-alarm", "confirmed-cov-notification",
	"confirmed-event-notification", "get-alarm-summary", "get-enrollment-summary", "subscribe-cov",
	"atomic-read-file", "atomic-write-file", "add-list-element", "remove-list-element", "create-object",
	"delete-object", "read-property", "read-property-conditional", "read-property-multiple", "write-property",
	"write-property-multiple", "device-communication-control", "confirmed-private-transfer",
	"confirmed-text-message", "reinitialize-device", "vt-open", "vt-close", "vt-data", "authenticate",
	"request-key", "read-range", "life-safety-operation", "subscribe-cov-property", "get-event-information",
	"subscribe-cov-property-multiple", "confirmed-cov-notification-multiple", "confirmed-audit-notification",
	"audit-log-query" };

static const char *const unconfirmed[] = { "i-am", "i-have", "unconfirmed-cov-notification",
	"unconfirmed-event-notification", "unconfirmed-private-transfer", "unconfirmed-text-message",
	"time-synchronization", "who-has", "who-is", "utc-time-synchronization", "write-group",
	"unconfirmed-cov-notification-multiple", "unconfirmed-audit-notification", "who-am-i", "you-are" };

static const char *const object[] = { "analog-input", "analog-output", "analog-value", "binary-input", "binary-output",
	"binary-value", "calendar", "command", "device", "event-enrollment", "file", "group", "loop",
	"multi-state-input", "multi-state-output", "notification-class", "program", "schedule", "averaging",
	"multi-state-value", "trend-log", "life-safety-point", "life-safety-zone", "accumulator", "pulse-converter",
	"event-log", "global-group", "trend-log-multiple", "load-control", "structured-view", "access-door", "timer",
	"access-credential", "access-point", "access-rights", "access-user", "access-zone", "credential-data-input",
	"network-security", "bitstring-value", "characterstring-value", "date-pattern-value", "date-value",
	"datetime-pattern-value", "datetime-value", "integer-value", "large-analog-value", "octetstring-value",
	"positive-integer-value", "time-pattern-value", "time-value", "notification-forwarder", "alert-enrollment",
	"channel", "lighting-output", "binary-lighting-output", "network-port", "elevator-group", "escalator", "lift" };

static const char *const property[] = { "acked-transitions", "ack-required", "action", "action-text", "active-text",
	"active-vt-sessions", "alarm-value", "alarm-values", "all", "all-writes-successful", "apdu-segment-timeout",
	"apdu-timeout", "application-software-version", "archive", "bias", "change-of-state-count",
	"change-of-state-time", "notification-class", NULL, "controlled-variable-reference",
	"controlled-variable-units", "controlled-variable-value", "cov-increment", "date-list",
	"daylight-savings-status", "deadband", "derivative-constant", "derivative-constant-units", "description",
	"description-of-halt", "device-address-binding", "device-type", "effective-period", "elapsed-active-time",
	"error-limit", "event-enable", "event-state", "event-type", "exception-schedule", "fault-values",
	"feedback-value", "file-access-method", "file-size", "file-type", "firmware-revision", "high-limit",
	"inactive-text", "in-process", "instance-of", "integral-constant", "integral-constant-units", NULL,
	"limit-enable", "list-of-group-members", "list-of-object-property-references", NULL, "local-date", "local-time",
	"location", "low-limit", "manipulated-variable-reference", "maximum-output", "max-apdu-length-accepted",
	"max-info-frames", "max-master", "max-pres-value", "minimum-off-time", "minimum-on-time", "minimum-output",
	"min-pres-value", "model-name", "modification-date", "notify-type", "number-of-apdu-retries",
	"number-of-states", "object-identifier", "object-list", "object-name", "object-property-reference",
	"object-type", "optional", "out-of-service", "output-units", "event-parameters", "polarity", "present-value",
	"priority", "priority-array", "priority-for-writing", "process-identifier", "program-change",
	"program-location", "program-state", "proportional-constant", "proportional-constant-units", NULL,
	"protocol-object-types-supported", "protocol-services-supported", "protocol-version", "read-only",
	"reason-for-halt", NULL, "recipient-list", "reliability", "relinquish-default", "required", "resolution",
	"segmentation-supported", "setpoint", "setpoint-reference", "state-text", "status-flags", "system-status",
	"time-delay", "time-of-active-time-reset", "time-of-state-count-reset", "time-synchronization-recipients",
	"units", "update-interval", "utc-offset", "vendor-identifier", "vendor-name", "vt-classes-supported",
	"weekly-schedule", "attempted-samples", "average-value", "buffer-size", "client-cov-increment",
	"cov-resubscription-interval", NULL, "event-time-stamps", "log-buffer", "log-device-object-property", "enable",
	"log-interval", "maximum-value", "minimum-value", "notification-threshold", NULL, "protocol-revision",
	"records-since-notification", "record-count", "start-time", "stop-time", "stop-when-full", "total-record-count",
	"valid-samples", "window-interval", "window-samples", "maximum-value-timestamp", "minimum-value-timestamp",
	"variance-value", "active-cov-subscriptions", "backup-failure-timeout", "configuration-files",
	"database-revision", "direct-reading", "last-restore-time", "maintenance-required", "member-of", "mode",
	"operation-expected", "setting", "silenced", "tracking-value", "zone-members", "life-safety-alarm-values",
	"max-segments-accepted", "profile-name" };

static const char *const error_class[] = { "device", "object", "property", "resources", "security", "services", "vt",
	"communication" };

static const char *const error_code[] = { "other", NULL, "configuration-in-progress", "device-busy",
	"dynamic-creation-not-supported", "file-access-denied", NULL, "inconsistent-parameters",
	"inconsistent-selection-criterion", "invalid-data-type", "invalid-file-access-method",
	"invalid-file-start-position", NULL, "invalid-parameter-data-type", "invalid-time-stamp", NULL,
	"missing-required-parameter", "no-objects-of-specified-type", "no-space-for-object",
	"no-space-to-add-list-element", "no-space-to-write-property", "no-vt-sessions-available",
	"property-is-not-a-list", "object-deletion-not-permitted", "object-identifier-already-exists",
	"operational-problem", "password-failure", "read-access-denied", NULL, "service-request-denied", "timeout",
	"unknown-object", "unknown-property", NULL, "unknown-vt-class", "unknown-vt-session", "unsupported-object-type",
	"value-out-of-range", "vt-session-already-closed", "vt-session-termination-failure", "write-access-denied",
	"character-set-not-supported", "invalid-array-index", "cov-subscription-failed", "not-cov-property",
	"optional-functionality-not-supported", "invalid-configuration-data", "datatype-not-supported",
	"duplicate-name", "duplicate-object-id", "property-is-not-an-array" };

static const char *const reject[] = { "other", "buffer-overflow", "inconsistent-parameters",
	"invalid-parameter-data-type", "invalid-tag", "missing-required-parameter", "parameter-out-of-range",
	"too-many-arguments", "undefined-enumeration", "unrecognized-service" };

static const char *const aborts[] = { "other", "buffer-overflow", "invalid-apdu-in-this-state",
	"preempted-by-higher-priority-task", "segmentation-not-supported", "security-error", "insufficient-security",
	"window-size-out-of-range", "application-exceeded-reply-time", "out-of-resources", "tsm-timeout",
	"apdu-too-long" };

static const char *const reinitialize[] = { "coldstart", "warmstart", "start-backup", "end-backup", "start-restore",
	"end-restore", "abort-restore", "activate-changes" };

static const char *const communication[] = { "enable", "disable", "disable-initiation" };

#define TABLE(which, table) [BACNET_NAMES_##which] = { table, sizeof(table) / sizeof((table)[0]) }

static const struct {
	const char *const *names;
	uint32_t count;
} tables[] = {
	TABLE(LINK, link),
	TABLE(LINK_RESULT, link_result),
	TABLE(NETWORK, network),
	TABLE(PDU, pdu),
	TABLE(CONFIRMED, confirmed),
	TABLE(UNCONFIRMED, unconfirmed),
	TABLE(OBJECT, object),
	TABLE(PROPERTY, property),
	TABLE(ERROR_CLASS, error_class),
	TABLE(ERROR_CODE, error_code),
	TABLE(REJECT, reject),
	TABLE(ABORT, aborts),
	TABLE(REINITIALIZE, reinitialize),
	TABLE(COMMUNICATION, communication),
};

const char *bacnet_name(enum bacnet_names which, uint32_t code)
{
	return code < tables[which].count ? tables[which].names[code] : NULL;
}
