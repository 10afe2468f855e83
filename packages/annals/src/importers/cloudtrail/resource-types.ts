/** Target types of identifiers that mean the same in every service, by parameter name with a lower-case first letter. */
const BY_KEY: ReadonlyMap<string, string> = new Map([
  ['bucketName', 's3.bucket'],
  ['s3BucketName', 's3.bucket'],
  ['instanceId', 'ec2.instance'],
  ['instanceIds', 'ec2.instance'],
  ['imageId', 'ec2.image'],
  ['volumeId', 'ec2.volume'],
  ['snapshotId', 'ec2.snapshot'],
  ['vpcId', 'ec2.vpc'],
  ['subnetId', 'ec2.subnet'],
  ['subnetIds', 'ec2.subnet'],
  ['routeTableId', 'ec2.route-table'],
  ['internetGatewayId', 'ec2.internet-gateway'],
  ['natGatewayId', 'ec2.natgateway'],
  ['networkInterfaceId', 'ec2.network-interface'],
  ['networkAclId', 'ec2.network-acl'],
  ['allocationId', 'ec2.elastic-ip'],
  ['vpcEndpointId', 'ec2.vpc-endpoint'],
  ['launchTemplateId', 'ec2.launch-template'],
  ['securityGroupId', 'ec2.security-group'],
  ['securityGroupIds', 'ec2.security-group'],
  ['roleName', 'iam.role'],
  ['instanceProfileName', 'iam.instance-profile'],
  ['functionName', 'lambda.function'],
  ['tableName', 'dynamodb.table'],
  ['secretId', 'secretsmanager.secret'],
  ['trailName', 'cloudtrail.trail'],
  ['dBInstanceIdentifier', 'rds.db'],
  ['dBSnapshotIdentifier', 'rds.snapshot'],
  ['dBClusterIdentifier', 'rds.cluster'],
  ['logGroupName', 'logs.log-group'],
  ['stackName', 'cloudformation.stack'],
  ['queueUrl', 'sqs.queue'],
  ['repositoryName', 'ecr.repository'],
  ['detectorId', 'guardduty.detector'],
  ['hostedZoneId', 'route53.hostedzone'],
])

/** Those that mean something only in one service: `<service> <parameter>`. */
const BY_SERVICE: ReadonlyMap<string, string> = new Map([
  ['iam userName', 'iam.user'],
  ['iam groupName', 'iam.group'],
  ['iam policyName', 'iam.policy'],
  ['iam accessKeyId', 'iam.access-key'],
  ['ec2 keyName', 'ec2.key-pair'],
  ['kms keyId', 'kms.key'],
  ['kms targetKeyId', 'kms.key'],
  ['ssm documentName', 'ssm.document'],
  ['sns topicArn', 'sns.topic'],
  ['eks clusterName', 'eks.cluster'],
  ['ecs cluster', 'ecs.cluster'],
])

/** Services whose requests say just `name` for their own kind of thing: the name that the event's name must contain. */
const BY_NAME: ReadonlyMap<string, readonly [contained: string, type: string]> = new Map([
  ['ssm', ['Parameter', 'ssm.parameter']],
  ['secretsmanager', ['Secret', 'secretsmanager.secret']],
  ['cloudtrail', ['', 'cloudtrail.trail']],
])

/** ARNs without a resource type in them, by service. */
const UNTYPED: ReadonlyMap<string, string> = new Map([
  ['s3', 'bucket'],
  ['sns', 'topic'],
  ['sqs', 'queue'],
])

/** Target type of a request parameter; undefined when the parameter is not known to identify something. */
export function typeByKey(
  key: string,
  value: string,
  service: string,
  eventName: string,
  depth: number,
): string | undefined {
  const lower = key.charAt(0).toLowerCase() + key.slice(1)
  if (lower === 'groupId') return value.startsWith('sg-') ? 'ec2.security-group' : undefined
  if (lower === 'instanceId' || lower === 'instanceIds')
    return value.startsWith('mi-') ? 'ssm.managed-instance' : 'ec2.instance'
  if ((lower === 'name' || lower === 'names') && depth === 0) {
    const named = BY_NAME.get(service)
    return named !== undefined && eventName.includes(named[0]) ? named[1] : undefined
  }
  return BY_SERVICE.get(`${service} ${lower}`) ?? BY_KEY.get(lower)
}

/**
 * Type and short name of an ARN (`arn:partition:service:region:account:resource`); undefined when it is none. The resource is
 * `type/name`, `type:name` or a bare name.
 *
 * @example
 * ```ts
 * typeOfArn('arn:aws:iam::123456789012:role/app') // { type: 'iam.role', name: 'app' }
 * ```
 */
export function typeOfArn(arn: string): { readonly type: string; readonly name: string } | undefined {
  const match = /^arn:[^:]*:([^:]+):[^:]*:[^:]*:(.+)$/.exec(arn)
  if (match === null) return undefined
  const [, service = '', resource = ''] = match
  const untyped = UNTYPED.get(service)
  if (untyped !== undefined) {
    if (service === 's3' && resource.includes('/')) return { type: 's3.object', name: resource }
    return { type: `${service}.${untyped}`, name: resource }
  }
  const split = /^([A-Za-z0-9._-]+)[/:](.+)$/.exec(resource)
  if (split === null) return { type: `${service}.resource`, name: resource }
  const [, kind = '', rest = ''] = split
  // IAM names may have a path before them.
  return {
    type: `${service}.${kind}`.toLowerCase(),
    name: service === 'iam' ? rest.slice(rest.lastIndexOf('/') + 1) : rest,
  }
}
