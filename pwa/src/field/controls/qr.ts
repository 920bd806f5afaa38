/** Reads QR codes: the phone's own detector where it truly works, else ours (wasm, from our own origin). */
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

export interface QrReader {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>
}

interface NativeDetector {
  new (options: { formats: 'qr_code'[] }): QrReader
  getSupportedFormats(): Promise<string[]>
}

/** Chromium without Google's services has the class but no format: it must be asked. */
async function nativeReader(): Promise<QrReader | null> {
  const Native = (globalThis as { BarcodeDetector?: NativeDetector }).BarcodeDetector
  if (!Native) return null
  const formats = await Native.getSupportedFormats().catch(() => [] as string[])
  return formats.includes('qr_code') ? new Native({ formats: ['qr_code'] }) : null
}

export async function qrReader(): Promise<QrReader> {
  const native = await nativeReader()
  if (native) return native
  const { BarcodeDetector, prepareZXingModule } = await import('barcode-detector/ponyfill')
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) } })
  return new BarcodeDetector({ formats: ['qr_code'] })
}
