/* Says of each file named on the standard input whether OpenSSL takes it as a client's certificate and its issuers: the
 * reason why not, or nothing. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    char path[4096];
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
    fflush(stdout);
    while (fgets(path, sizeof path, stdin) != NULL) {
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        path[strcspn(path, "\n")] = 0;
        if (SSL_CTX_use_certificate_chain_file(context, path) == 1)
            printf("\n");
        else {
            const char *reason = ERR_reason_error_string(ERR_peek_last_error());
            printf("%s\n", reason != NULL ? reason : "unknown");
        }
        fflush(stdout);
        ERR_clear_error();
        SSL_CTX_free(context);
    }
    return 0;
}
