/** One entry of `scrape_configs`, as it is read. */
import { discoveries, docker } from './discovery.ts'
import { bool, duration, labels, list, maybe, raw, struct, text, texts, type Value } from './read.ts'
import { relabelConfigs } from './relabel.ts'
import { sources } from './sources.ts'

const targetGroup = struct({ targets: texts(), labels: labels() })

export type TargetGroup = typeof targetGroup.absent

const shape = {
  job_name: text(),
  pipeline_stages: list(raw),
  relabel_configs: relabelConfigs,
  static_configs: list(targetGroup),
  docker_sd_configs: docker.reader,
  encoding: text(),
  decompression: maybe(struct({ enabled: bool(), initial_delay: duration(), format: text() })),
  cloudflare: sources.cloudflare.reader,
  journal: sources.journal.reader,
  loki_push_api: sources.loki_push_api.reader,
  syslog: sources.syslog.reader,
  gcplog: sources.gcplog.reader,
  windows_events: sources.windows_events.reader,
  kafka: sources.kafka.reader,
  azure_event_hubs: sources.azure_event_hubs.reader,
  gelf: sources.gelf.reader,
  heroku_drain: sources.heroku_drain.reader,
  azure_sd_configs: discoveries.azure_sd_configs.reader,
  consul_sd_configs: discoveries.consul_sd_configs.reader,
  digitalocean_sd_configs: discoveries.digitalocean_sd_configs.reader,
  dockerswarm_sd_configs: discoveries.dockerswarm_sd_configs.reader,
  dns_sd_configs: discoveries.dns_sd_configs.reader,
  ec2_sd_configs: discoveries.ec2_sd_configs.reader,
  file_sd_configs: discoveries.file_sd_configs.reader,
  gce_sd_configs: discoveries.gce_sd_configs.reader,
  kubernetes_sd_configs: discoveries.kubernetes_sd_configs.reader,
  marathon_sd_configs: discoveries.marathon_sd_configs.reader,
  nerve_sd_configs: discoveries.nerve_sd_configs.reader,
  openstack_sd_configs: discoveries.openstack_sd_configs.reader,
  serverset_sd_configs: discoveries.serverset_sd_configs.reader,
  triton_sd_configs: discoveries.triton_sd_configs.reader,
  consulagent_sd_configs: discoveries.consulagent_sd_configs.reader,
}

export const scrapeConfig = struct(shape, (config, refuse) => {
  if (config.job_name === '') refuse('a scrape config needs a job_name')
})

export type ScrapeConfig = Value<typeof shape>
