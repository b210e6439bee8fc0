#!/bin/sh
# See https://docs.aws.amazon.com/iot/latest/developerguide/device-certs-your-own.html
set -e
aws iot register-certificate-without-ca --status ACTIVE \
  --certificate-pem file://client.crt --query certificateArn --output text
# with the ARN that was printed:
# aws iot attach-policy --policy-name my-policy --target ARN
