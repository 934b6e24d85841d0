/** The frame of the page: where to go, how the process does, and one view at a time. */
import { computed } from '@preact/signals'
import { Explore } from './explore/explore.tsx'
import { lookFirst } from './explore/first-look.ts'
import { follow, view, viewAddress, type ViewName } from './location.ts'
import { Banner } from './parts/banner.tsx'
import { Icon } from './parts/icon.tsx'
import { Later } from './parts/later.tsx'
import { Pipeline } from './pipeline/pipeline.tsx'
import { sick, silence, status, watchStatus } from './status.ts'
import { nextTheme, theme } from './theme.ts'

const VIEWS: readonly { readonly name: ViewName; readonly title: string }[] = [
  { name: 'explore', title: 'Explore' },
  { name: 'alerts', title: 'Alerts' },
  { name: 'pipeline', title: 'Pipeline' },
  { name: 'tap', title: 'Tap' },
  { name: 'failures', title: 'Failures' },
  { name: 'account', title: 'Account' },
]

/** The first views ask a Loki. */
const ASKING = 2

/** What this server can show. Without a Loki to ask, the pipeline comes first. */
const offered = computed(() => {
  const now = status.value
  if (now === undefined) return []
  if (now.server === 'store') return VIEWS.slice(0, ASKING)
  return now.sources.length > 0 ? VIEWS : VIEWS.slice(ASKING)
})

const shown = computed(() => offered.value.find(({ name }) => name === view.value) ?? offered.value[0])

const loadAlerts = async () => (await import('./alerts/alerts.tsx')).Alerts
const loadTap = async () => (await import('./tap/tap.tsx')).Tap
const loadAccount = async () => (await import('./account/account.tsx')).Account
const loadFailures = async () => (await import('./failures/failures.tsx')).Failures

void watchStatus()
lookFirst()

export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={viewAddress('explore')} onClick={follow}>
          <Icon name="logo" />
          logstream
        </a>
        <nav aria-label="Views">
          {offered.value.map(({ name, title }) => (
            <a
              key={name}
              href={viewAddress(name)}
              onClick={follow}
              aria-current={shown.value?.name === name ? 'page' : undefined}
              ref={shown.value?.name === name ? intoView : null}
            >
              {title}
            </a>
          ))}
        </nav>
        <span class="grow" />
        <Health />
        <button
          type="button"
          class="quiet icon"
          onClick={nextTheme}
          aria-label={`Colours: ${theme.value}. Change`}
          title={`Colours: ${theme.value}`}
        >
          <Icon name={theme.value === 'auto' ? 'contrast' : theme.value === 'light' ? 'sun' : 'moon'} />
        </button>
      </header>
      <Banner />
      <main id="main" tabIndex={-1}>
        <View />
      </main>
    </>
  )
}

/** On a narrow screen the views scroll sideways. */
function intoView(link: HTMLElement | null): void {
  link?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
}

function View() {
  switch (shown.value?.name) {
    case 'explore':
      return <Explore />
    case 'alerts':
      return <Later key="alerts" load={loadAlerts} />
    case 'pipeline':
      return <Pipeline />
    case 'tap':
      return <Later key="tap" load={loadTap} />
    case 'failures':
      return <Later key="failures" load={loadFailures} />
    case 'account':
      return <Later key="account" load={loadAccount} />
    default:
      return silence.value === undefined ? <p class="empty">Loading…</p> : null
  }
}

/** One word on how things are; the banner has the rest. */
function Health() {
  const now = status.value
  if (silence.value !== undefined) return <span class="chip bad">not reachable</span>
  if (now === undefined || now.server === 'store') return null
  const count = sick.value.length
  return (
    <a class={count === 0 ? 'chip good' : 'chip bad'} href={viewAddress('pipeline')} onClick={follow}>
      {count === 0 ? 'healthy' : `${count} unhealthy`}
    </a>
  )
}
