/** Where the components of a pipeline stand, left to right as data flows. Loaded with the view, for dagre's sake. */
import { Graph, layout } from '@dagrejs/dagre'

export interface Vertex {
  readonly id: string
  /** The module it's in; '' for the main config. */
  readonly module: string
}

export interface Arrow {
  readonly from: string
  readonly to: string
  /** Lines go along it; the other kind are values that one component takes from another. */
  readonly data: boolean
}

export interface Place {
  readonly id: string
  /** Of the upper left corner. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Path extends Arrow {
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly places: readonly Place[]
  readonly modules: readonly Place[]
  readonly paths: readonly Path[]
}

const WIDTH = 216
const HEIGHT = 50
const MARGIN = 16

export function layoutOf(vertices: readonly Vertex[], arrows: readonly Arrow[]): Layout {
  const graph = new Graph({ compound: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 26, ranksep: 72, marginx: MARGIN, marginy: MARGIN })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, module } of vertices) {
    graph.setNode(`n ${id}`, { width: WIDTH, height: HEIGHT })
    if (module !== '') {
      graph.setNode(`m ${module}`, {})
      graph.setParent(`n ${id}`, `m ${module}`)
    }
  }
  for (const { from, to } of arrows) graph.setEdge(`n ${from}`, `n ${to}`)
  layout(graph)
  const placeOf = (key: string): Place => {
    const { x, y, width, height } = graph.node(key) as { x: number; y: number; width: number; height: number }
    return { id: key.slice(2), x: x - width / 2, y: y - height / 2, width, height }
  }
  const keys: readonly string[] = graph.nodes()
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width,
    height,
    places: keys.filter((key) => key.startsWith('n ')).map(placeOf),
    modules: keys.filter((key) => key.startsWith('m ')).map(placeOf),
    paths: arrows.map((arrow) => ({
      ...arrow,
      points: (graph.edge(`n ${arrow.from}`, `n ${arrow.to}`) as { points: Path['points'] }).points,
    })),
  }
}
