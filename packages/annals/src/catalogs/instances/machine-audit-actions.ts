/**
 * The actions of instances by the names that the MachineAudit of Triton CloudAPI has for them. For importers, and for those who still
 * speak to its clients.
 */
export const MACHINE_AUDIT_ACTIONS = {
  provision: 'instance.provision',
  start: 'instance.start',
  stop: 'instance.stop',
  reboot: 'instance.reboot',
  kill: 'instance.kill',
  destroy: 'instance.destroy',
  reprovision: 'instance.reprovision',
  add_nics: 'instance.nic.add',
  remove_nics: 'instance.nic.remove',
  update_nics: 'instance.nic.update',
  create_snapshot: 'instance.snapshot.create',
  rollback_snapshot: 'instance.snapshot.rollback',
  delete_snapshot: 'instance.snapshot.delete',
  rename: 'instance.rename',
  resize: 'instance.resize',
  replace_metadata: 'instance.metadata.replace',
  set_metadata: 'instance.metadata.set',
  remove_metadata: 'instance.metadata.remove',
  replace_tags: 'instance.tag.replace',
  set_tags: 'instance.tag.set',
  remove_tags: 'instance.tag.remove',
  enable_deletion_protection: 'instance.deletion-protection.enable',
  disable_deletion_protection: 'instance.deletion-protection.disable',
} as const
