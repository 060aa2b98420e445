/* libwebsockets as Swift sees it.
   Why a shim: LWS_PRE, LWS_TO_KILL_ASYNC and the option enums are macros or casts that Swift does not import. */
#ifndef CWEBSOCKETS_SHIM_H
#define CWEBSOCKETS_SHIM_H
#if !__has_include(<libwebsockets.h>)
#error "libwebsockets headers not found: apt-get install libwebsockets-dev"
#else
#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>

#define CWS_INLINE static inline __attribute__((always_inline, unused))

/* function-like macros and casts that Swift does not import */
enum : size_t { CWS_PRE = LWS_PRE };
enum : uint64_t { CWS_OPT_REQUIRE_CLIENT_CERT = LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT };
/* C enums that are OR-ed, as plain ints */
enum : int {
  CWS_USE_SSL = LCCSCF_USE_SSL, CWS_ALLOW_SELFSIGNED = LCCSCF_ALLOW_SELFSIGNED,
  CWS_SKIP_HOSTNAME = LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK, CWS_ALLOW_EXPIRED = LCCSCF_ALLOW_EXPIRED,
  CWS_ALLOW_INSECURE = LCCSCF_ALLOW_INSECURE,
  CWS_TEXT = LWS_WRITE_TEXT, CWS_BINARY = LWS_WRITE_BINARY, CWS_CONTINUATION = LWS_WRITE_CONTINUATION,
  CWS_PING = LWS_WRITE_PING, CWS_PONG = LWS_WRITE_PONG, CWS_NO_FIN = LWS_WRITE_NO_FIN,
  CWS_HTTP = LWS_WRITE_HTTP, CWS_HTTP_FINAL = LWS_WRITE_HTTP_FINAL,
};
CWS_INLINE int cws_write(struct lws *_Nonnull wsi, uint8_t *_Nonnull p, size_t n, int flags) {
  return lws_write(wsi, p, n, (enum lws_write_protocol)flags);
}
/* Never LWS_TO_KILL_SYNC: it frees the wsi under the callback that is running on it (segfault). */
CWS_INLINE void cws_kill_async(struct lws *_Nonnull wsi) {
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}
/* abrupt disconnect: Linux sends RST at once */
CWS_INLINE int cws_abort_tcp(int fd) {
  struct sockaddr sa; memset(&sa, 0, sizeof sa); sa.sa_family = AF_UNSPEC;
  return connect(fd, &sa, sizeof sa);
}
#endif
#endif
