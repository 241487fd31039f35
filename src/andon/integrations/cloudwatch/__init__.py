"""CloudWatch: alarms for services whose metrics are there, as the AWS CLI takes them."""
