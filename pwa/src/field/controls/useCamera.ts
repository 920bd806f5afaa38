/** The phone's camera as a stream in the page, and every way in which it may not be had. */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref } from 'vue'

/** `lost`: it ran and was taken away (permission withdrawn, another app, the cable of a headset camera). */
export type CameraState = 'asking' | 'live' | 'denied' | 'absent' | 'busy' | 'unsupported' | 'lost'

export function cameraProblem(error: unknown): CameraState {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'absent'
    default:
      return 'busy'
  }
}

export interface Camera {
  state: Readonly<Ref<CameraState>>
  torch: Readonly<Ref<'none' | 'off' | 'on'>>
  start(): Promise<void>
  switchTorch(): Promise<void>
}

/** Runs the rear camera in `video` while the component lives. */
export function useCamera(video: Readonly<Ref<HTMLVideoElement | null>>): Camera {
  const state = ref<CameraState>('asking')
  const torch = ref<'none' | 'off' | 'on'>('none')
  const stream = shallowRef<MediaStream>()
  let gone = false

  function stop() {
    stream.value?.getTracks().forEach((track) => track.stop())
    stream.value = undefined
  }

  async function start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      state.value = 'unsupported'
      return
    }
    stop()
    state.value = 'asking'
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1440 } },
      })
      stream.value = got
      if (gone) return stop()
      const track = got.getVideoTracks()[0]!
      track.addEventListener('ended', () => (state.value = 'lost'))
      const can = track.getCapabilities?.() as { torch?: boolean } | undefined
      torch.value = can?.torch ? 'off' : 'none'
      video.value!.srcObject = got
      await video.value!.play()
      state.value = 'live'
    } catch (error) {
      stop()
      state.value = cameraProblem(error)
    }
  }

  async function switchTorch() {
    const on = torch.value !== 'on'
    await stream.value?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
    torch.value = on ? 'on' : 'off'
  }

  onMounted(start)
  onBeforeUnmount(() => {
    gone = true
    stop()
  })
  return { state, torch, start, switchTorch }
}
