/** Objects of the Kubernetes API as JSON, as far as they are used (https://kubernetes.io/docs/reference/kubernetes-api/). */

export type Names = Readonly<Record<string, string>>

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly labels?: Names
  readonly annotations?: Names
  readonly ownerReferences?: readonly OwnerReference[]
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
}

export interface OwnerReference {
  readonly kind: string
  readonly name: string
  readonly controller?: boolean
}

export interface KubernetesObject {
  readonly metadata: ObjectMeta
}

export interface ObjectReference {
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
}

export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly nodeName?: string
    readonly restartPolicy?: string
    readonly containers: readonly PodContainer[]
    readonly initContainers?: readonly PodContainer[]
  }
  readonly status: {
    readonly phase?: string
    readonly podIP?: string
    readonly hostIP?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface PodContainer {
  readonly name: string
  readonly image?: string
  readonly restartPolicy?: string
  readonly ports?: readonly ContainerPort[]
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol?: string
}

export interface Condition {
  readonly type: string
  readonly status: string
}

export interface ContainerStatus {
  readonly name: string
  readonly containerID?: string
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly waiting?: object
  readonly running?: object
  readonly terminated?: {
    readonly exitCode: number
    readonly finishedAt?: string
    readonly containerID?: string
  }
}

export interface Node extends KubernetesObject {
  readonly spec?: { readonly providerID?: string }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port?: number } }
  }
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly type?: string
    readonly clusterIP?: string
    readonly externalName?: string
    readonly loadBalancerIP?: string
    readonly ipFamilyPolicy?: string
    readonly ipFamilies?: readonly string[]
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[]
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } }
}

export interface EndpointAddress {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef?: ObjectReference
}

export interface Endpoints extends KubernetesObject {
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointAddress[]
    readonly notReadyAddresses?: readonly EndpointAddress[]
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[]
  }[]
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: {
    readonly ready?: boolean
    readonly serving?: boolean
    readonly terminating?: boolean
  }
  readonly hostname?: string
  readonly nodeName?: string
  readonly zone?: string
  readonly targetRef?: ObjectReference
  readonly deprecatedTopology?: Names
}

export interface SlicePort {
  readonly name?: string
  readonly port?: number
  readonly protocol?: string
  readonly appProtocol?: string
}

export interface EndpointSlice extends KubernetesObject {
  readonly addressType: string
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly SlicePort[] | null
}

export interface Ingress extends KubernetesObject {
  readonly spec: {
    readonly ingressClassName?: string
    readonly tls?: readonly { readonly hosts?: readonly string[] }[]
    readonly rules?: readonly {
      readonly host?: string
      readonly http?: { readonly paths: readonly { readonly path?: string }[] }
    }[]
  }
}

/** The owner that controls an object. */
export function controllerOf({ ownerReferences }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences?.find(({ controller }) => controller === true)
}

/** How an object is named among those of its kind: `namespace/name`, or `name` for what has no namespace. */
export function keyOf({ name, namespace }: Pick<ObjectMeta, 'name' | 'namespace'>): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}
