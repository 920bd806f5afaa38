/** Two real lists of a driller in form/1, enough of them to try every control; in development only. */
import type { FormDefinition, Item } from '@/forms/types'

const GB = 'GB 16423-2020'
const shift = { frequency: 'shift' } as const

const check = (id: string, text: string, standard: string, clause: string | null, more: Partial<Item> = {}): Item => ({
  id,
  text: { zh: text },
  standard: { zh: standard },
  answer: { type: 'check' },
  basis: clause ? [{ code: GB, clause, verified: true }] : [{ code: '岗位操作规程（通用）', verified: false }],
  evidence: { photo: 'on_fail' },
  on_fail: { hazard: true },
  risk: 'orange',
  ...shift,
  ...more,
})

const gas = (id: string, text: string, standard: string, unit: string, limit: object, more: Partial<Item> = {}): Item => ({
  ...check(id, text, standard, '6.6.1.1'),
  answer: { type: 'number', unit, decimals: 2, limits: [limit] },
  major_ref: 'UG-20',
  ...more,
})

const stopAbove = (value: number, act: string): NonNullable<Item['danger']> => ({ when: { op: '>', args: [{ self: true }, value] }, act: { zh: act, en: 'Stop work, take everybody out to fresh air, report to dispatch.' }, call: 'dispatch', verified: false })

export const driller: FormDefinition = {
  schema: 'form/1',
  key: 'post.UG01.controls',
  kind: 'post_controls',
  title: { zh: '凿岩工岗位风险管控措施清单', en: 'Driller: risk controls' },
  applies_to: { mine_types: ['underground'], posts: ['UG01'] },
  signatures: [{ role: 'filler' }],
  sections: [
    {
      id: 'air',
      title: { zh: '通风与气体', en: 'Air' },
      items: [
        check('UG01-01', '独头工作面进人前局部通风机是否已启动并持续运转', '先开风机、确认空气合格后再进人；有人作业期间不得停风', '6.6.3.7'),
        gas('UG01-02', '工作面氧气浓度', '氧气体积浓度不低于20%', '%', { min: 20 }),
        gas('UG01-03', '工作面一氧化碳浓度', '不超过0.0024%（约24 ppm、30 mg/m³）', 'ppm', { max: 24 }, { danger: stopAbove(50, '停止作业，切断电源，所有人撤到新鲜风流处，向调度报告') }),
        gas('UG01-04', '工作面氮氧化物浓度（按NO2计）', '不超过0.00025%（2.5 ppm）', 'ppm', { max: 2.5 }),
        {
          ...gas('UG01-08', '风筒口到工作面距离', '压入式不超过10 m；抽出式不超过5 m', 'm', {}),
          answer: { type: 'number', unit: 'm', decimals: 1, limits: [{ by: { param: 'vent_mode', cases: [{ id: 'force', text: { zh: '压入式', en: 'forcing' }, limits: [{ max: 10 }] }, { id: 'exhaust', text: { zh: '抽出式', en: 'exhausting' }, limits: [{ max: 5 }] }] } }] },
        },
        gas('UG01-09', '掘进巷道排尘风速', '掘进巷道和巷道型采场不小于0.25 m/s', 'm/s', { min: 0.25 }),
      ],
    },
    {
      id: 'face',
      title: { zh: '顶板与作业', en: 'Roof and work' },
      items: [
        check('UG01-05', '顶板和两帮浮石是否处理完毕', '处理浮石并确认安全后才能开始作业，处理期间同面不做其他作业', '6.1.4.1', { risk: 'red', evidence: { photo: 'always' } }),
        check('UG01-06', '支护是否跟上工作面且无歪斜失效', '不稳固岩层必须支护，中途停掘须支护到工作面', '6.2.7.2'),
        check('UG01-07', '是否湿式凿岩、供水正常', '湿式凿岩、装岩洒水、爆破喷雾；确不能湿式的须有降尘措施', '6.1.4.1', { risk: 'yellow' }),
        check('UG01-10', '是否检查并排除残孔、盲炮后再钻孔', '不沿残孔打孔，发现盲炮先报告处理', null, { basis: [{ code: 'GB 6722', clause: '盲炮处理要求', verified: false }], risk: 'red' }),
        check('UG01-11', '班组是否携带有效的便携式气体检测仪', '每个班组进入采掘工作面都须携带并随时监测', '6.1.4.9', { severity: 'major' }),
        check('UG01-12', '自救器是否随身携带、在有效期且压力正常', '额定防护时间不少于30 min的隔绝式自救器，人人随身', '8.3', { severity: 'major' }),
      ],
    },
  ],
}

export const scaler: FormDefinition = {
  schema: 'form/1',
  key: 'post.UG03.controls',
  kind: 'post_controls',
  title: { zh: '撬毛支护工岗位风险管控措施清单', en: 'Scaler: risk controls' },
  signatures: [{ role: 'filler' }],
  sections: [
    {
      id: 'roof',
      title: { zh: '撬毛与支护', en: 'Scaling and support' },
      items: [
        check('UG03-01', '撬毛地点照明是否良好', '人员进入的采场应有良好照明', '6.3.1.11'),
        check('UG03-02', '撬毛时同一作业面是否停止其他作业', '处理浮石时同一作业面不进行其他作业', '6.3.1.12'),
        check('UG03-03', '退路是否畅通、是否有人监护', '由外向里、由安全处向危险处进行，专人监护', null),
        check('UG03-04', '有无冒顶征兆（掉渣、裂缝扩展、响声、支护受压变形）', '有征兆停止作业处理，大面积征兆立即撤人上报', '6.3.1.12', { evidence: { photo: 'always' } }),
        check('UG03-05', '采场顶板分级牌与实际是否一致', '建立采场顶板分级管理，不稳固顶板有监控和处理措施', '6.3.1.12'),
        check('UG03-06', '支护形式、间距、长度是否符合设计', '按设计支护，支护与工作面距离不超设计', '6.2.7.3', { severity: 'major' }),
        check('UG03-07', '锚杆拉力试验与喷层厚度检查记录', '锚杆做拉力试验，喷体检查厚度与强度', '6.2.7.7'),
        check('UG03-08', '支架梁柱与顶帮是否楔紧、拉杆齐全', '架设后楔紧塞实，支架间设拉杆，歪斜弯曲及时更换', '6.2.7.4'),
        check('UG03-09', '永久支护是否使用木材等可燃材料', '永久支护不得使用可燃材料', '6.2.7.1'),
        check('UG03-10', '地压大、人员频繁巷道本班是否检查', '每班检查，发现问题处理并记录', '6.2.8.1'),
        check('UG03-11', '矿柱（顶、底、间、点柱）有无缩小、破坏', '保持矿柱尺寸、形状、直立度，专人检查', '6.3.1.6', { severity: 'major' }),
        check('UG03-12', '应机械化撬毛的矿山是否仍人工撬毛', '采深超800 m或规模超30万t/年应机械化撬毛', null, { basis: [{ code: '泰安市责任分工表', clause: '第19项', verified: true }] }),
      ],
    },
  ],
}

/** A list as long as any: the same checks over and over, for trying speed. */
export const long: FormDefinition = {
  ...scaler,
  key: 'patrol.long',
  kind: 'patrol',
  title: { zh: '矿长周排查清单（300 项）', en: 'Mine head: weekly patrol (300 items)' },
  sections: Array.from({ length: 15 }, (_, s) => ({
    id: `s${s}`,
    title: { zh: `第 ${s + 1} 部分` },
    items: Array.from({ length: 20 }, (_, i) => {
      const from = scaler.sections[0]!.items[(s * 20 + i) % 12]!
      return { ...from, id: `L-${s}-${i}` }
    }),
  })),
}

export const spotCheck: FormDefinition = {
  ...driller,
  key: 'spot_check',
  kind: 'spot_check',
  title: { zh: '“四不两直”检查表', en: 'Unannounced check' },
  sections: [{ id: 'main', title: { zh: '现场检查', en: 'On site' }, items: [...scaler.sections[0]!.items.slice(0, 6), driller.sections[0]!.items[2]!] }],
}
