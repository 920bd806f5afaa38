/** The mines that I may look at: asked for once, for every choice of a mine. */
import { ref } from 'vue'
import { api, told, type Shapes } from './api'

const mines = ref<Shapes['Mine'][]>()

export function useMines() {
  void told(api.GET('/api/v1/mines')).then(({ items }) => (mines.value = items)).catch(() => (mines.value ??= []))
  return mines
}
