#!/bin/sh
# See https://docs.aws.amazon.com/iot/latest/developerguide/device-certs-your-own.html
set -e
aws iot register-ca-certificate --ca-certificate file://client-ca.crt --certificate-mode SNI_ONLY --set-as-active
aws iot register-certificate --status ACTIVE --certificate-pem file://client.crt \
  --ca-certificate-pem file://client-ca.crt --query certificateArn --output text
# with the ARN that was printed:
# aws iot attach-policy --policy-name my-policy --target ARN
